import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from '../layout/icons.tsx';
import type { Session } from '../session/session.ts';
import { timeOf } from './moment.ts';
import type { SnapshotsDialog } from './snapshots-dialog.tsx';

/** The list of saved machines while it is open. */
const openList = signal<typeof SnapshotsDialog | undefined>(undefined);

/** Opens the list of saved machines. */
export async function showSnapshots(session: Session): Promise<void> {
  try {
    const { SnapshotsDialog: Content } = await import('./snapshots-dialog.tsx');
    openList.value = Content;
  } catch (error) {
    console.error('the list of snapshots did not load', error);
    session.messages.problem('The list of snapshots could not be loaded. Check the connection, then try again.');
  }
}

/** Where the list appears; once on the page. */
export function SnapshotsHost({ session }: { session: Session }): JSX.Element | null {
  const Content = openList.value;
  return Content === undefined ? null : <Content session={session} onClose={() => (openList.value = undefined)} />;
}

/** Whether the machine is kept, and the way to its snapshots. */
export function SaveState({ session }: { session: Session }): JSX.Element | null {
  const report = session.machine.lastSave.value;
  if (report === undefined) return null;
  const isSaved = report.kind === 'saved';
  const text = isSaved ? `Machine saved ${timeOf(report.snapshot.savedAt)}` : 'Machine not saved';
  const savedAt = isSaved ? report.snapshot.savedAt : undefined;
  const title = isSaved ? 'Leave and come back: the machine goes on from here. Snapshots…' : report.message;
  return (
    <button
      type="button"
      class={`button plain save-state ${isSaved ? '' : 'tight'}`}
      aria-haspopup="dialog"
      data-saved-at={savedAt}
      title={title}
      onClick={() => void showSnapshots(session)}
    >
      <Icon name={isSaved ? 'check' : 'alert'} />
      <span class="status-label">{text}</span>
    </button>
  );
}
