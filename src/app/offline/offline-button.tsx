import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Session } from '../session/session.ts';
import type { OfflineDialog } from './offline-dialog.tsx';

/** The dialog while it is open. */
const openDialog = signal<typeof OfflineDialog | undefined>(undefined);

/** Opens the dialog about what works without a network. */
export async function showOffline(session: Session): Promise<void> {
  try {
    const [{ OfflineDialog: Content }] = await Promise.all([import('./offline-dialog.tsx'), session.offline?.load()]);
    openDialog.value = Content;
  } catch (error) {
    console.error('the dialog about offline files did not load', error);
    session.messages.problem('This part of the page could not be loaded. Check the connection, then try again.');
  }
}

/** Where the dialog appears; once on the page. */
export function OfflineHost({ session }: { session: Session }): JSX.Element | null {
  const Content = openDialog.value;
  const offline = session.offline?.loaded.value;
  if (Content === undefined || offline === undefined) return null;
  return <Content offline={offline} onClose={() => (openDialog.value = undefined)} />;
}

/** In the status bar: that the page runs without its server, or how far fetching is. */
export function OfflineChip({ session }: { session: Session }): JSX.Element | null {
  const offline = session.offline?.loaded.value;
  if (offline === undefined) return null;
  const progress = offline.progress.value;
  if (progress === undefined && !offline.isOffline.value) return null;
  const percent = progress === undefined || progress.totalBytes === 0 ? 0 : Math.floor((100 * progress.keptBytes) / progress.totalBytes);
  const text = progress === undefined ? 'Working offline' : `Fetching for offline: ${percent} %`;
  return (
    <button
      type="button"
      class="button plain"
      aria-haspopup="dialog"
      title="What works without a network, and what is being fetched for it"
      onClick={() => void showOffline(session)}
    >
      {text}
    </button>
  );
}
