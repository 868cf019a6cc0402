import { messageOf } from '../../core/base/errors.ts';
import type { MenuItem } from '../ui/menu.tsx';
import type { Session } from '../session/session.ts';
import { openTravel } from './share-host.tsx';

/** What can be done with all files of the workspace at once. */
export function shareActions(session: Session): readonly MenuItem[] {
  const last = session.bulkChange.last.value;
  return [
    { label: 'Share by link…', run: () => void openTravel(session, { kind: 'share' }) },
    { label: 'Download all files…', run: () => void openTravel(session, { kind: 'archive' }) },
    { label: 'Import zip or tar…', run: () => chooseArchive(session) },
    ...(session.shared.list.value.length === 0
      ? []
      : [{ label: 'Workspaces from links…', run: () => void openTravel(session, { kind: 'workspaces' }) }]),
    ...(last === undefined ? [] : [{ label: `${last.isUndone ? 'Redo' : 'Undo'}: ${last.label}`, run: () => toggleLast(session) }]),
  ];
}

/** Takes the last change of many files back, or makes it again; says so, with the way back. */
export function toggleLast(session: Session): void {
  const { bulkChange, messages } = session;
  try {
    bulkChange.toggle();
  } catch (error) {
    messages.problem(messageOf(error));
    return;
  }
  const last = bulkChange.last.value;
  if (last === undefined) return;
  const action = { label: last.isUndone ? 'Redo' : 'Undo', run: () => toggleLast(session) };
  messages.show(last.isUndone ? `Undone: ${last.label}. Your files are as they were.` : `Done again: ${last.label}.`, { action });
}

function chooseArchive(session: Session): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.zip,.tar,.gz,.tgz';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) void openTravel(session, { kind: 'offer', source: { kind: 'archive', file } });
  });
  input.click();
}
