import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { openImageLoad } from './image-load-host.tsx';

/** Lets the learner choose a file whose images the engine is to have: what dropping it on the page does. */
export function ImageLoadButton({ session }: { session: Session }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const isOn = session.machine.state.value.kind === 'running';
  return (
    <>
      <button type="button" class="button quiet" disabled={!isOn} onClick={() => input.current?.click()}>
        Load images from a file…
      </button>
      <input
        ref={input}
        type="file"
        accept=".tar,.gz,.tgz,.zst,.oci"
        hidden
        aria-label="File with images"
        onChange={event => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file !== undefined) void openImageLoad(session, file);
        }}
      />
    </>
  );
}
