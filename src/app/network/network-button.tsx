import type { JSX } from 'preact';
import { lazyDialog } from '../ui/lazy-dialog.tsx';
import { formatBytes } from '../session/format.ts';
import type { Session } from '../session/session.ts';

const dialog = lazyDialog<Session>('The dialog about the network', async () => (await import('./network-dialog.tsx')).NetworkDialog);

/** Opens the dialog about the servers outside. */
export const showNetwork = dialog.show;
/** Where the dialog appears; once on the page. */
export const NetworkHost = dialog.Host;

/** In the status bar, where the site allows a network: whether it is on, and what is being fetched. */
export function NetworkChip({ session }: { session: Session }): JSX.Element | null {
  const { isAllowed, isOpen, running } = session.network;
  if (!isAllowed.value) return null;
  const bytes = running.value.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
  const text = running.value.length > 0 ? `Fetching ${formatBytes(bytes)}` : isOpen.value ? 'Network on' : 'Network off';
  return (
    <button
      type="button"
      class="button plain network-chip"
      aria-haspopup="dialog"
      title={
        isOpen.value ? 'The sandbox fetches what it lacks from outside. Shows what went out.' : 'The sandbox has only its own images and packages.'
      }
      onClick={() => void showNetwork(session)}
    >
      <span class={`dot ${isOpen.value ? 'good' : 'idle'}`} aria-hidden="true" />
      <span class="status-label">{text}</span>
    </button>
  );
}
