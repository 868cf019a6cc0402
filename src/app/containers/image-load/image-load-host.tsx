import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Session } from '../../session/session.ts';
import type * as DialogCode from './image-load-dialog.tsx';

interface OpenDialog {
  readonly file: File;
  readonly code: typeof DialogCode;
  /** Called once with what the file is; if it is missing, the learner is told that a file has no images. */
  readonly onKnown: ((holdsImages: boolean) => void) | undefined;
}

const open = signal<OpenDialog | undefined>(undefined);

/** Opens the dialog that loads a file's images into the engine; its code is loaded only now. */
export async function openImageLoad(session: Session, file: File, onKnown?: (holdsImages: boolean) => void): Promise<void> {
  try {
    open.value = { file, code: await import('./image-load-dialog.tsx'), onKnown };
  } catch (error) {
    console.error('the part of the page that loads images did not load', error);
    session.messages.problem('The part of the page that loads images could not be loaded. Check the connection, then try again.');
    onKnown?.(true);
  }
}

/** Where the dialog appears; once on the page. */
export function ImageLoadHost({ session }: { session: Session }): JSX.Element | null {
  const current = open.value;
  if (current === undefined) return null;
  const { code, file, onKnown } = current;
  const close = (): void => {
    open.value = undefined;
    // Learners who cancelled the reading want nothing else done with the file.
    onKnown?.(true);
  };
  return <code.ImageLoadDialog key={file.name} session={session} file={file} onKnown={onKnown} onClose={close} />;
}
