import { isIgnored, LESSON_FILE, MAX_LESSON_BYTES, MAX_LESSON_FILES } from '../../core/lesson/format/lesson-files.ts';
import type { Upload } from '../ui/dropped-files.ts';
import { ask, OTHER } from '../ui/dialog.tsx';
import { formatBytes, visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';

const PACKED = '.lesson.json';

/** If a dropped folder or packed file is a lesson, asks what the learner wants. False if it is not a lesson, or if it should be added as files. */
export async function offerLesson(session: Session, uploads: readonly Upload[]): Promise<boolean> {
  const name = lessonName(uploads);
  if (name === undefined) return false;
  const answer = await ask({
    title: `Open ${visibleName(name)} as a lesson?`,
    text: 'What was dropped is a lesson. Opened as a lesson it gets a workspace of its own; your files here stay as they are.',
    confirm: 'Open the lesson',
    other: 'Add the files',
  });
  if (answer === OTHER) return false;
  if (answer !== undefined) await open(session, name, uploads);
  return true;
}

/** The lesson's name, or undefined where these are just files. */
function lessonName(uploads: readonly Upload[]): string | undefined {
  const [first] = uploads;
  if (uploads.length === 1 && first?.path.endsWith(PACKED) === true) return first.path.slice(0, -PACKED.length);
  const folder = uploads.find(({ path }) => path.endsWith(`/${LESSON_FILE}`) && path.split('/').length === 2)?.path.split('/')[0];
  return folder !== undefined && uploads.every(({ path }) => path.startsWith(`${folder}/`)) ? folder : undefined;
}

async function open(session: Session, name: string, dropped: readonly Upload[]): Promise<void> {
  // Of a folder under version control, and what systems leave in folders.
  const uploads = dropped.filter(({ path }) => !isIgnored(path.slice(name.length + 1)));
  const byteCount = uploads.reduce((sum, { file }) => sum + file.size, 0);
  if (uploads.length > MAX_LESSON_FILES || byteCount > MAX_LESSON_BYTES) {
    const limits = `at most ${MAX_LESSON_FILES} files and ${formatBytes(MAX_LESSON_BYTES)}`;
    session.messages.problem(
      `${visibleName(name)} is too big: a lesson may have ${limits}; this has ${uploads.length} and ${formatBytes(byteCount)}.`,
    );
    return;
  }
  session.settings.lessonCollapsed.value = false;
  const [first] = uploads;
  if (first?.path.endsWith(PACKED) === true) return session.lessons.openDroppedFile(await first.file.text());
  const files = new Map<string, Uint8Array>();
  for (const { file, path } of uploads) files.set(path.slice(name.length + 1), new Uint8Array(await file.arrayBuffer()));
  await session.lessons.openDropped(name, files);
}
