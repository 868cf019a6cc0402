import type { JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import type { Session } from '../session/session.ts';

/** Says that the files on the page are those of somebody's link or archive, and leads back to the learner's own. */
export function SharedBanner({ session }: { session: Session }): JSX.Element | null {
  const workspace = session.shared.current.value;
  if (workspace === undefined) return null;
  return (
    <div class="banner offer" role="region" aria-label="Shared workspace">
      <Icon name="share" />
      <span class="banner-text">You are in a workspace of its own, opened from {workspace.name}. Your own files are as you left them.</span>
      <button type="button" class="button quiet" onClick={() => void session.shared.leave()}>
        Back to my files
      </button>
    </div>
  );
}
