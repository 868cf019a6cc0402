import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useModal } from '../ui/use-modal.ts';

const isOpen = signal(false);

/** Where something is done, by which keys, and what it is. */
const keys: readonly (readonly [where: string, keys: string, what: string])[] = [
  ['Everywhere', 'F6', 'goes to the next part of the page: lesson, files, editor, terminals, side column, status; Shift+F6 goes back'],
  ['Editor and terminals', 'Ctrl+M', 'Tab then leaves them; press Ctrl+M again to type tabs into them'],
  ['Terminals', 'Ctrl+Shift+C', 'copies what is selected'],
  ['Terminals', 'Ctrl+V', 'pastes, unless a program fills the screen or you changed this in the menu Machine; Ctrl+Shift+V always pastes'],
  ['Terminals', 'Ctrl+Shift+F', 'searches'],
  ['Terminals', 'Ctrl++ and Ctrl+-', 'make the letters larger and smaller; Ctrl+0 makes them as they were at first'],
  ['List of files', 'Arrows', 'move; Enter opens, F2 renames, Delete deletes'],
  ['Tabs', 'Arrows', 'choose; Delete closes a file'],
  ['Lines between columns', 'Arrows', 'move the line; Enter folds the column away'],
  ['Menus and questions', 'Escape', 'closes'],
];

/** Shows what the keys of the page do. */
export function showKeys(): void {
  isOpen.value = true;
}

/** Where they are shown; once on the page. */
export function KeysHost(): JSX.Element | null {
  return isOpen.value ? <KeysDialog onClose={() => (isOpen.value = false)} /> : null;
}

function KeysDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useModal(element);
  return (
    <dialog ref={element} class="dialog keys" aria-labelledby="keys-title" onCancel={onClose}>
      <h2 id="keys-title">Keys</h2>
      <table>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Keys</th>
            <th scope="col">What they do</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(([where, names, what]) => (
            <tr key={`${where} ${names}`}>
              <th scope="row">{where}</th>
              <td>
                <kbd>{names}</kbd>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="buttons">
        <button type="button" class="button solid" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
}
