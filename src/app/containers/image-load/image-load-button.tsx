import type { JSX } from 'preact';
import { FileButton } from '../../ui/file-input.tsx';
import type { Session } from '../../session/session.ts';
import { openImageLoad } from './image-load-host.tsx';

/** Lets the learner choose a file whose images the engine is to have: what dropping it on the page does. */
export function ImageLoadButton({ session }: { session: Session }): JSX.Element {
  return (
    <FileButton
      text="Load images from a file…"
      label="File with images"
      accept=".tar,.gz,.tgz,.zst,.oci"
      isEnabled={session.machine.state.value.kind === 'running'}
      onFile={file => void openImageLoad(session, file)}
    />
  );
}
