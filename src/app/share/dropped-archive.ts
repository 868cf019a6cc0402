import type { Session } from '../session/session.ts';
import type { Upload } from '../ui/dropped-files.ts';
import { openTravel } from './share-host.tsx';

const ARCHIVE = /\.(?:zip|tar|tar\.gz|tgz)$/i;

/** If one archive was dropped, asks whether the learner means its files or the archive itself (`asFile`). False if something else was dropped. */
export async function offerArchive(session: Session, uploads: readonly Upload[], asFile: () => void): Promise<boolean> {
  const [first] = uploads;
  if (first === undefined || uploads.length > 1 || !ARCHIVE.test(first.path)) return false;
  const { kindOfFile } = await import('./offer.ts');
  if ((await kindOfFile(first.file)) === undefined) return false;
  await openTravel(session, { kind: 'offer', source: { kind: 'archive', file: first.file }, asFile });
  return true;
}
