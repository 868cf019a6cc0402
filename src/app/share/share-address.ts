import { effect } from '@preact/signals';
import { isShareFragment } from '../../core/share/share-fragment.ts';
import type { Session } from '../session/session.ts';
import { openTravel } from './share-host.tsx';

/** `#opened=<id>` is in the address while a workspace from a link or an archive is open: a reload finds it again. */
const OPENED = /^#opened=([\w-]+)$/;

/** The id of the workspace that this part of an address asks for. */
export function openedWorkspace(hash: string): string | undefined {
  return OPENED.exec(hash)?.[1];
}

/** Shows what a link carries, when the page is ready or the address changes, and keeps the address with the workspace that is open. */
export function followShareAddress(session: Session): void {
  const look = (): void => {
    if (!session.filesLoaded.peek()) return;
    const { hash } = location;
    const id = openedWorkspace(hash);
    if (isShareFragment(hash)) void openTravel(session, { kind: 'offer', source: { kind: 'link', fragment: hash }, done: () => setOpened(session) });
    else if (id !== undefined && session.shared.current.peek()?.id !== id) void session.shared.reopen(id).then(() => setOpened(session));
  };
  addEventListener('hashchange', look);
  effect(() => {
    if (!session.filesLoaded.value) return;
    const id = session.shared.current.value?.id;
    // A link waits there until the learner has decided.
    if (!isShareFragment(location.hash) && openedWorkspace(location.hash) !== id) setOpened(session);
  });
  effect(() => {
    if (session.filesLoaded.value) look();
  });
}

function setOpened(session: Session): void {
  const id = session.shared.current.peek()?.id;
  const url = new URL(location.href);
  url.hash = id === undefined ? '' : `opened=${id}`;
  history.replaceState(history.state, '', url);
}
