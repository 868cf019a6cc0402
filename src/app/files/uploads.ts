import { messageOf } from '../../core/base/errors.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES } from '../../core/workspace/file-change.ts';
import { joinPath, parsePath, type WorkspacePath } from '../../core/workspace/path.ts';
import { ask } from '../layout/dialog.tsx';
import { formatBytes } from '../session/format.ts';
import type { Session } from '../session/session.ts';

/** A file from the learner's computer and where it is to go, relative to a folder of the workspace. */
export interface Upload {
  readonly path: string;
  readonly file: File;
}

/** More than anyone means to drop: a whole home directory, say. */
const MAX_FILES = 2000;

/** Reads what was dropped, folders with all in them. Must be called in the drop event itself. */
export async function droppedUploads(transfer: DataTransfer): Promise<Upload[]> {
  // The list is emptied when the event is over: take the entries out before the first await.
  const items = [...transfer.items].filter(item => item.kind === 'file');
  const dropped = items.map(item => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const uploads: Upload[] = [];
  for (const { entry, file } of dropped) {
    // What comes from a program, not from a disk (a picture of a web page), is a file without an entry.
    if (entry !== null) await collect(entry, '', uploads);
    else if (file !== null) uploads.push({ path: file.name, file });
  }
  return uploads;
}

/** Puts files into the workspace. Refuses with a sentence what is too big; what is there is replaced only when asked. */
export async function upload(session: Session, folder: WorkspacePath, uploads: readonly Upload[]): Promise<void> {
  const { messages, store } = session;
  const accepted = uploads.filter(({ file }) => file.size <= MAX_FILE_BYTES);
  const problem = problemOf(uploads, accepted, store.totalBytes);
  if (problem !== undefined) messages.problem(problem);
  if (accepted.length === 0 || uploads.length > MAX_FILES || sizeOf(accepted) + store.totalBytes > MAX_WORKSPACE_BYTES) return;
  const replaced = accepted.filter(({ path }) => store.entries.has(joinPath(folder, path)));
  if (replaced.length > 0) {
    const what = replaced.length === 1 ? `"${replaced[0]?.path}"` : `${replaced.length} files`;
    const answer = await ask({ title: `Replace ${what}?`, text: 'The workspace already has it.', confirm: 'Replace', isDangerous: true });
    if (answer === undefined) return;
  }
  let count = 0;
  for (const { file, path } of accepted) {
    try {
      const target = parsePath(joinPath(folder, path));
      store.write(target, new Uint8Array(await file.arrayBuffer()), { origin: 'page' });
      count += 1;
    } catch (error) {
      messages.problem(`${path}: ${messageOf(error)}`);
    }
  }
  if (count > 0) messages.show(count === 1 ? `Added ${accepted[0]?.path}.` : `Added ${count} files.`);
}

function problemOf(uploads: readonly Upload[], accepted: readonly Upload[], usedBytes: number): string | undefined {
  if (uploads.length > MAX_FILES) return `That is more than ${MAX_FILES} files: choose fewer. Nothing was added.`;
  const tooBig = uploads.filter(({ file }) => file.size > MAX_FILE_BYTES);
  if (tooBig.length > 0) {
    const [first] = tooBig;
    const others = tooBig.length > 1 ? ` and ${tooBig.length - 1} more` : '';
    return `"${first?.path}" (${formatBytes(first?.file.size ?? 0)})${others} was not added: a file may have at most ${formatBytes(MAX_FILE_BYTES)}.`;
  }
  const total = sizeOf(accepted) + usedBytes;
  if (total > MAX_WORKSPACE_BYTES) {
    return `These files do not fit: all files together may have at most ${formatBytes(MAX_WORKSPACE_BYTES)}, this would be ${formatBytes(total)}. Nothing was added.`;
  }
  return undefined;
}

function sizeOf(uploads: readonly Upload[]): number {
  return uploads.reduce((sum, { file }) => sum + file.size, 0);
}

async function collect(entry: FileSystemEntry, folder: string, uploads: Upload[]): Promise<void> {
  // One more than allowed is enough to say that there are too many.
  if (uploads.length > MAX_FILES) return;
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    uploads.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A directory is read in pieces of at most 100, until an empty one.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const child of batch) await collect(child, path, uploads);
  }
}
