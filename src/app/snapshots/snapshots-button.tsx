import type { JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import { lazyDialog } from '../ui/lazy-dialog.tsx';
import type { Session } from '../session/session.ts';
import { timeOf } from './moment.ts';

const list = lazyDialog<Session>('The list of snapshots', async () => (await import('./snapshots-dialog.tsx')).SnapshotsDialog);

/** Opens the list of saved machines. */
export const showSnapshots = list.show;
/** Where the list appears; once on the page. */
export const SnapshotsHost = list.Host;

/** Whether the machine is kept, and the way to its snapshots. */
export function SaveState({ session }: { session: Session }): JSX.Element | null {
  const report = session.machine.lastSave.value;
  if (report === undefined) return null;
  const isSaved = report.kind === 'saved';
  const text = isSaved ? `Machine saved ${timeOf(report.snapshot.savedAt)}` : 'Machine not saved';
  const savedAt = isSaved ? report.snapshot.savedAt : undefined;
  const title = isSaved ? 'You can leave and come back: the machine continues from here. Snapshots…' : report.message;
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
