import { upload, type Upload } from '../files/uploads.ts';
import type { WorkspacePath } from '../../core/workspace/path.ts';
import type { Session } from '../session/session.ts';
import { openTravel } from './share-host.tsx';

const ARCHIVE = /\.(?:zip|tar|tar\.gz|tgz)$/i;

/** Asks what is meant where one archive was dropped: its files, or itself. False where what was dropped is something else. */
export async function offerArchive(session: Session, folder: WorkspacePath, uploads: readonly Upload[]): Promise<boolean> {
  const [first] = uploads;
  if (first === undefined || uploads.length > 1 || !ARCHIVE.test(first.path)) return false;
  const { kindOfFile } = await import('./offer.ts');
  if ((await kindOfFile(first.file)) === undefined) return false;
  const asFile = (): void => void upload(session, folder, uploads);
  await openTravel(session, { kind: 'offer', source: { kind: 'archive', file: first.file }, asFile });
  return true;
}
