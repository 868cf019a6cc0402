import { messageOf } from '../../core/base/errors.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES } from '../../core/workspace/file-change.ts';
import { joinPath, parsePath, type WorkspacePath } from '../../core/workspace/path.ts';
import { ask } from '../ui/dialog.tsx';
import { MAX_FILES, type Upload } from '../ui/dropped-files.ts';
import { formatBytes } from '../session/format.ts';
import type { Session } from '../session/session.ts';

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
    return `"${first?.path}" (${formatBytes(first?.file.size ?? 0)})${others} was not added: a file can be at most ${formatBytes(MAX_FILE_BYTES)}.`;
  }
  const total = sizeOf(accepted) + usedBytes;
  if (total > MAX_WORKSPACE_BYTES) {
    return `These files do not fit: all files together can be at most ${formatBytes(MAX_WORKSPACE_BYTES)}, and these would make ${formatBytes(total)}. Nothing was added.`;
  }
  return undefined;
}

function sizeOf(uploads: readonly Upload[]): number {
  return uploads.reduce((sum, { file }) => sum + file.size, 0);
}
