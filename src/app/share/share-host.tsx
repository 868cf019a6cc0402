import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Session } from '../session/session.ts';
import type { OfferSource } from './offer.ts';
import type * as ShareCode from './share-code.ts';

/** Which dialog about files that travel is open. */
export type Travel =
  | { readonly kind: 'share' }
  | { readonly kind: 'archive' }
  | { readonly kind: 'workspaces' }
  /** `asFile` puts a dropped archive into the workspace as it is; `done` is called when the learner has decided. */
  | { readonly kind: 'offer'; readonly source: OfferSource; readonly asFile?: () => void; readonly done?: () => void };

const openDialog = signal<{ readonly travel: Travel; readonly code: typeof ShareCode } | undefined>(undefined);

/** Opens a dialog; what it needs is loaded only now. */
export async function openTravel(session: Session, travel: Travel): Promise<void> {
  try {
    openDialog.value = { travel, code: await import('./share-code.ts') };
  } catch (error) {
    console.error('the part of the page that packs and unpacks files did not load', error);
    session.messages.problem('The part of the page that packs and unpacks files could not be loaded. Check the connection, then try again.');
  }
}

/** Where these dialogs appear; once on the page. */
export function ShareHost({ session }: { session: Session }): JSX.Element | null {
  const open = openDialog.value;
  if (open === undefined) return null;
  const { code, travel } = open;
  const close = (): void => {
    openDialog.value = undefined;
  };
  if (travel.kind === 'share') return <code.ShareDialog session={session} onClose={close} />;
  if (travel.kind === 'archive') return <code.ArchiveDialog session={session} onClose={close} />;
  if (travel.kind === 'workspaces') return <code.WorkspacesDialog session={session} onClose={close} />;
  // Another link opened over this one is another dialog.
  const key = travel.source.kind === 'link' ? travel.source.fragment : travel.source.file.name;
  return (
    <code.OfferDialog
      key={key}
      session={session}
      source={travel.source}
      asFile={travel.asFile}
      onClose={() => {
        close();
        travel.done?.();
      }}
    />
  );
}
