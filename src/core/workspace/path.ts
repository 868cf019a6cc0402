import { SandboxError } from '../base/errors.ts';

/** A place in the workspace: relative to /workspace, parts joined by `/`, no leading or trailing slash, no `.` or `..`. */
export type WorkspacePath = string;

/** Longest name Linux accepts on its file systems, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

const encoder = new TextEncoder();

/** The length of a name as Linux counts it. */
export function nameByteLength(name: string): number {
  return encoder.encode(name).length;
}

/** Why `name` cannot be a file's name in the workspace, in the learner's words, or undefined if it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'A name cannot be empty.';
  if (name === '.' || name === '..') return `"${name}" already means a folder: choose another name.`;
  if (name.includes('/')) return 'A name cannot contain "/": make the folder first.';
  if (name.includes('\0')) return 'A name cannot contain the NUL character.';
  // Half a surrogate pair has no UTF-8: the guest would see another name than the page.
  if (/\p{Surrogate}/u.test(name)) return 'The name contains a broken character.';
  if (nameByteLength(name) > MAX_NAME_BYTES) return `The name is longer than ${MAX_NAME_BYTES} bytes: choose a shorter one.`;
  return undefined;
}

/** Checks a path and gives it back; throws `workspace-refused` with the reason. */
export function parsePath(path: string): WorkspacePath {
  for (const name of path.split('/')) {
    const problem = nameProblem(name);
    if (problem !== undefined) throw new SandboxError('workspace-refused', `"${path}" is not a usable path. ${problem}`);
  }
  return path;
}

/** The folder a path lies in; '' is the workspace itself. */
export function parentOf(path: WorkspacePath): WorkspacePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last part of a path. */
export function baseName(path: WorkspacePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A path inside a folder; the folder '' is the workspace itself. */
export function joinPath(folder: WorkspacePath, name: string): WorkspacePath {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Is `path` the folder itself or something in it? */
export function isWithin(path: WorkspacePath, folder: WorkspacePath): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
