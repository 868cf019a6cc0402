import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useModal } from './use-modal.ts';

/** A question to the learner. With `field` they answer with a text, otherwise with yes or no. */
export interface DialogRequest {
  readonly title: string;
  readonly text?: string;
  /** Lines of code that the question is about. */
  readonly code?: readonly string[];
  readonly confirm: string;
  /** A second answer beside `confirm`: `ask` then resolves to `OTHER`. */
  readonly other?: string;
  /** The default is `Cancel`. */
  readonly cancel?: string;
  readonly isDangerous?: boolean;
  readonly field?: {
    readonly label: string;
    readonly initial: string;
    readonly isMultiline?: boolean;
    /** Selects the first so many characters: a file's name without its ending. */
    readonly selectTo?: number;
    /** What is wrong with a text, in the learner's words. */
    problem(text: string): string | undefined;
  };
}

interface OpenDialog extends DialogRequest {
  answer(text: string | undefined): void;
}

/** What `ask` resolves to for the second answer. */
export const OTHER = 'other';

const openDialog = signal<OpenDialog | undefined>(undefined);

/** Asks, and resolves to the text given ('' for a yes), or undefined if the learners changed their mind. */
export function ask(request: DialogRequest): Promise<string | undefined> {
  return new Promise(resolve => {
    openDialog.value = {
      ...request,
      answer(text) {
        openDialog.value = undefined;
        resolve(text);
      },
    };
  });
}

/** Where dialogs appear; once on the page. */
export function DialogHost(): JSX.Element | null {
  const dialog = openDialog.value;
  return dialog === undefined ? null : <Dialog key={dialog.title} dialog={dialog} />;
}

function Dialog({ dialog }: { dialog: OpenDialog }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const { field } = dialog;
  const [text, setText] = useState(field?.initial ?? '');
  const [isTouched, setTouched] = useState(false);
  const problem = field?.problem(text);
  useModal(element);
  useLayoutEffect(() => {
    const input = element.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>('input, textarea');
    input?.focus();
    input?.setSelectionRange(0, field?.selectTo ?? text.length);
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    setTouched(true);
    if (problem === undefined) dialog.answer(text);
  };
  return (
    <dialog ref={element} class="dialog" aria-labelledby="dialog-title" onCancel={() => dialog.answer(undefined)}>
      <form onSubmit={submit}>
        <h2 id="dialog-title">{dialog.title}</h2>
        {dialog.text !== undefined && <p>{dialog.text}</p>}
        {dialog.code !== undefined && <CodeLines lines={dialog.code} />}
        {field !== undefined && <Field field={field} text={text} setText={setText} touch={() => setTouched(true)} />}
        {field !== undefined && (
          <p id="dialog-error" class="error" role="alert">
            {isTouched ? problem : ''}
          </p>
        )}
        <div class="buttons">
          <button type="button" class="button quiet" onClick={() => dialog.answer(undefined)}>
            {dialog.cancel ?? 'Cancel'}
          </button>
          {dialog.other !== undefined && (
            <button type="button" class="button quiet" onClick={() => dialog.answer(OTHER)}>
              {dialog.other}
            </button>
          )}
          <button type="submit" class={`button solid ${dialog.isDangerous === true ? 'danger' : ''}`}>
            {dialog.confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Can be reached by Tab, to be scrolled. */
function CodeLines({ lines }: { lines: readonly string[] }): JSX.Element {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
    <ul class="code-lines" tabIndex={0} aria-label="Commands">
      {lines.map((line, index) => (
        <li key={index}>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  );
}

function Field(props: { field: NonNullable<DialogRequest['field']>; text: string; setText: (text: string) => void; touch: () => void }): JSX.Element {
  const { field, text, setText, touch } = props;
  const common = { id: 'dialog-field', value: text, spellcheck: false, autocomplete: 'off', 'aria-describedby': 'dialog-error' };
  return (
    <>
      <label for="dialog-field">{field.label}</label>
      {field.isMultiline === true ? (
        <textarea {...common} onInput={event => setText(event.currentTarget.value)} />
      ) : (
        <input
          {...common}
          type="text"
          onInput={event => {
            setText(event.currentTarget.value);
            touch();
          }}
        />
      )}
    </>
  );
}
