import type { WorkspacePath } from '../../workspace/path.ts';
import type { FileChange } from '../../workspace/file-change.ts';
import { parsePath } from '../../workspace/path.ts';
import type { Problems } from './problems.ts';
import { suggestion } from './suggest.ts';

/** The most files that a lesson may have. */
export const MAX_LESSON_FILES = 200;

/** The most that a packed lesson may take, in bytes: it is loaded whole before it begins. */
export const MAX_LESSON_BYTES = 2 * 1024 * 1024;

/** The text of a lesson. */
export const LESSON_FILE = 'lesson.md';

/** The files of a lesson's folder by what they are for. */
export interface LessonFolder {
  /** Below `files/`, by their path in the workspace. */
  readonly start: ReadonlyMap<WorkspacePath, Uint8Array>;
  /** Below `solution/<step id>/`, by the step's id. */
  readonly solutions: ReadonlyMap<string, ReadonlyMap<WorkspacePath, Uint8Array>>;
}

/** Files that systems leave in folders. */
const LITTER = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

/** Is it a file that a lesson's folder may hold and that means nothing there? */
export function isIgnored(path: string): boolean {
  return LITTER.test(path) || path.startsWith('.');
}

/** Sorts the files of a lesson's folder, and says which do not belong there. */
export function sortFolder(files: ReadonlyMap<string, Uint8Array>, problems: Problems): LessonFolder {
  const start = new Map<WorkspacePath, Uint8Array>();
  const solutions = new Map<string, Map<WorkspacePath, Uint8Array>>();
  let byteCount = 0;
  for (const [path, content] of files) {
    byteCount += content.length;
    const place = { file: path, line: 1, column: 1 };
    const [folder = '', ...rest] = path.split('/');
    const problem = pathProblem(path);
    if (path === LESSON_FILE || isIgnored(path)) continue;
    if (problem !== undefined) problems.add(place, problem);
    else if (folder === 'files' && rest.length > 0) start.set(rest.join('/'), content);
    else if (folder === 'solution' && rest.length > 1) {
      const [id = '', ...inside] = rest;
      solutions.set(id, (solutions.get(id) ?? new Map<WorkspacePath, Uint8Array>()).set(inside.join('/'), content));
    } else problems.add(place, strayFile(folder, rest));
  }
  const whole = { file: LESSON_FILE, line: 1, column: 1 };
  if (files.size > MAX_LESSON_FILES) problems.add(whole, `The lesson has ${files.size} files; ${MAX_LESSON_FILES} are allowed.`);
  if (byteCount > MAX_LESSON_BYTES) problems.add(whole, `The lesson's files take ${byteCount} bytes; ${MAX_LESSON_BYTES} are allowed.`);
  return { start, solutions };
}

function pathProblem(path: string): string | undefined {
  try {
    parsePath(path);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function strayFile(folder: string, rest: readonly string[]): string {
  if (folder === 'solution') return 'Files of a solution belong in a folder with the name of their step: `solution/<step id>/…`.';
  const help = rest.length > 0 ? suggestion(folder, ['files', 'solution']) : suggestion(folder, [LESSON_FILE]);
  return `This belongs to no part of a lesson: a lesson has \`${LESSON_FILE}\`, \`files/\` and \`solution/\`. ${help}`;
}

/** What puts a lesson's files into the workspace. A file that begins with `#!` can be executed, as its author means it to be. */
export function fileChangesOf(files: ReadonlyMap<WorkspacePath, Uint8Array>): readonly FileChange[] {
  return [...files].map(([path, content]) => ({ kind: 'written', path, content, executable: content[0] === 0x23 && content[1] === 0x21 }));
}
