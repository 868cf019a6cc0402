import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { messageOf } from '../../../core/base/errors.ts';
import type { ArchivedImage } from '../../../core/docker/image-archive.ts';
import { Modal } from '../../ui/modal.tsx';
import { formatBytes, visibleName } from '../../session/format.ts';
import type { Session } from '../../session/session.ts';
import { findImages, loadImages, type FoundImages } from './image-load.ts';
import './image-load.css';

interface DialogProps {
  readonly session: Session;
  readonly file: File;
  /** Called once with what the file is; if it is missing, the learner is told that a file has no images. */
  readonly onKnown: ((holdsImages: boolean) => void) | undefined;
  onClose(): void;
}

type LoadState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'ready'; readonly found: FoundImages }
  | { readonly kind: 'loading' };

/** Shows which images a file holds, and loads them into the engine when the learner says so. */
export function ImageLoadDialog({ session, file, onKnown, onClose }: DialogProps): JSX.Element {
  const [state, setState] = useState<LoadState>({ kind: 'reading' });
  const [doneBytes, setDoneBytes] = useState(0);
  const end = useMemo(() => new AbortController(), []);
  useEffect(() => {
    findImages(file, bytes => !end.signal.aborted && setDoneBytes(bytes)).then(
      found => {
        onKnown?.(found !== undefined);
        if (found !== undefined) setState({ kind: 'ready', found });
        else if (onKnown === undefined) setState({ kind: 'problem', message: NO_ARCHIVE });
        else onClose();
      },
      (error: unknown) => setState({ kind: 'problem', message: messageOf(error) }),
    );
    return () => end.abort();
  }, [file]);
  const load = (found: FoundImages): void => {
    setDoneBytes(0);
    setState({ kind: 'loading' });
    runLoad(session, found, setDoneBytes, end.signal).then(
      () => onClose(),
      (error: unknown) => end.signal.aborted || setState({ kind: 'problem', message: messageOf(error) }),
    );
  };
  const name = visibleName(file.name);
  if (state.kind === 'ready' && state.found.problem === undefined) {
    return (
      <Modal title={`Load the images of ${name}?`} class="image-load" onClose={onClose}>
        <ReadyBody found={state.found} onLoad={() => load(state.found)} onClose={onClose} />
      </Modal>
    );
  }
  if (state.kind === 'problem' || state.kind === 'ready') {
    const message = state.kind === 'problem' ? state.message : state.found.problem;
    return (
      <Modal title={`${name} cannot be loaded`} class="image-load" onClose={onClose}>
        <div class="modal-body">
          <p role="alert">{message}</p>
          <Buttons onClose={onClose} label="Close" />
        </div>
      </Modal>
    );
  }
  return (
    <Modal title={state.kind === 'reading' ? `Reading ${name}` : `Loading ${name}`} class="image-load" onClose={onClose}>
      <ProgressBody isLoading={state.kind === 'loading'} doneBytes={doneBytes} totalBytes={file.size} onClose={onClose} />
    </Modal>
  );
}

const NO_ARCHIVE = 'It contains no images. Archives written by docker save contain images, and so do OCI image layouts.';

async function runLoad(session: Session, found: FoundImages, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const names = await loadImages(found, session.engine.client, onBytes, signal);
  const [first, ...others] = names;
  const what = first === undefined ? 'The images are' : others.length === 0 ? `${first} is` : `${names.length} images are`;
  session.messages.show(`${what} loaded. docker images lists what the engine has.`);
}

function ReadyBody({ found, onLoad, onClose }: { found: FoundImages; onLoad(): void; onClose(): void }): JSX.Element {
  const { images, others } = found.archive;
  return (
    <form
      class="modal-body"
      onSubmit={event => {
        event.preventDefault();
        onLoad();
      }}
    >
      <p>The engine gets what is in the file ({formatBytes(found.file.size)}), as it does with docker load.</p>
      <ul class="image-load-list" aria-label="Images in the file">
        {images.map((image, index) => (
          <li key={index}>{nameOf(image)}</li>
        ))}
        {others.map((image, index) => (
          <li key={`other-${index}`} class="quiet-text">
            {nameOf(image)}: for {image.platform}, so it does not run here
          </li>
        ))}
      </ul>
      <div class="buttons">
        <button type="button" class="button quiet" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button solid">
          Load
        </button>
      </div>
    </form>
  );
}

function nameOf({ names }: ArchivedImage): string {
  return names.length === 0 ? 'an image without a name' : names.map(visibleName).join(', ');
}

function ProgressBody(props: { isLoading: boolean; doneBytes: number; totalBytes: number; onClose(): void }): JSX.Element {
  const { isLoading, doneBytes, totalBytes, onClose } = props;
  const isGiven = isLoading && doneBytes >= totalBytes;
  const words = isGiven
    ? 'The engine unpacks it. That takes some seconds for each ten megabytes.'
    : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  return (
    <div class="modal-body">
      <progress aria-label={isLoading ? 'Loading' : 'Reading'} {...(isGiven ? {} : { max: totalBytes, value: doneBytes })} />
      <p role="status">{words}</p>
      <Buttons onClose={onClose} label="Cancel" />
    </div>
  );
}

function Buttons({ onClose, label }: { onClose(): void; label: string }): JSX.Element {
  return (
    <div class="buttons">
      <button type="button" class="button solid" onClick={onClose}>
        {label}
      </button>
    </div>
  );
}
