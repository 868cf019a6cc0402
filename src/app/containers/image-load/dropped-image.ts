import type { Upload } from '../../ui/dropped-files.ts';
import type { Session } from '../../session/session.ts';
import { openImageLoad } from './image-load-host.tsx';

const ARCHIVE = /\.(?:tar|tar\.gz|tgz|tar\.zst|oci)$/i;

/** Asks whether images are to be loaded where a file that holds some was dropped. False where what was dropped is something else. */
export async function offerImages(session: Session, uploads: readonly Upload[]): Promise<boolean> {
  const [first] = uploads;
  if (first === undefined || uploads.length > 1 || !ARCHIVE.test(first.path)) return false;
  return new Promise(resolve => void openImageLoad(session, first.file, resolve));
}
