import type { JSX } from 'preact';
import { lazyDialog } from '../ui/lazy-dialog.tsx';
import type { Session } from '../session/session.ts';

const dialog = lazyDialog<Session>('The dialog about offline files', async session => {
  const [{ OfflineDialog }] = await Promise.all([import('./offline-dialog.tsx'), session.offline?.load()]);
  return OfflineDialog;
});

/** Opens the dialog about what works without a network. */
export const showOffline = dialog.show;
/** Where the dialog appears; once on the page. */
export const OfflineHost = dialog.Host;

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
