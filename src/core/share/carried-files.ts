import { SandboxError } from '../base/errors.ts';
import { MAX_FILE_BYTES, MAX_WORKSPACE_BYTES } from '../workspace/file-change.ts';
import { joinPath, nameProblem, parentOf, type WorkspacePath } from '../workspace/path.ts';

/** A file or folder that a link or an archive carries: the same as an entry of the workspace. */
export type CarriedEntry = { readonly kind: 'file'; readonly content: Uint8Array; readonly executable: boolean } | { readonly kind: 'folder' };

/** What a link or an archive carries, each folder before what is in it. */
export type CarriedFiles = ReadonlyMap<WorkspacePath, CarriedEntry>;

/** Something that was in an archive and cannot be in the workspace, and why, in the learner's words. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** How much may come in at once. */
export interface IntakeLimits {
  /** Files and folders. */
  readonly entries: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/** Fewer entries than the workspace could hold: each of them is an event for the editor, the browser's storage and the guest. */
export const importLimits: IntakeLimits = { entries: 10_000, fileBytes: MAX_FILE_BYTES, totalBytes: MAX_WORKSPACE_BYTES };

/** In UTF-16 units. At most three bytes each, so that with /workspace/ before it a path stays below PATH_MAX of Linux. */
const MAX_PATH_LENGTH = 1000;
const MEBIBYTE = 1024 * 1024;

/** An archive or a link that cannot be used; `message` is a sentence or two for the learner. */
export function shareInvalid(message: string, cause?: unknown): SandboxError {
  return new SandboxError('share-invalid', message, { cause });
}

/** A path between quotes, with what cannot be seen made visible, and cut where it is long. */
export function quoted(path: string): string {
  const short = path.length > 80 ? `${path.slice(0, 79)}…` : path;
  const visible = short.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${visible}"`;
}

/**
 * Takes in files from outside one by one, and throws `share-invalid` at the first that no ordinary program would have made:
 * a path that leads out of the workspace, a path that comes twice, a name that cannot be; and at the first that goes over a limit.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #files = new Map<WorkspacePath, CarriedEntry>();
  #byteCount = 0;

  constructor(limits: IntakeLimits = importLimits) {
    this.#limits = limits;
  }

  /** What has been taken in so far. */
  get files(): CarriedFiles {
    return this.#files;
  }

  /** How many bytes the next file may have at most. */
  get room(): number {
    return Math.min(this.#limits.fileBytes, this.#limits.totalBytes - this.#byteCount);
  }

  /** Makes sure that a file of so many bytes may come, before they are unpacked. */
  checkRoom(path: string, byteCount: number): void {
    const { fileBytes, totalBytes } = this.#limits;
    if (byteCount > fileBytes) throw shareInvalid(`${quoted(path)} is larger than ${megabytes(fileBytes)}, the most one file may have here.`);
    if (byteCount > totalBytes - this.#byteCount)
      throw shareInvalid(`The files take more than ${megabytes(totalBytes)}, the most that may come at once.`);
  }

  addFolder(path: string): void {
    const checked = checkedPath(path);
    const there = this.#files.get(checked);
    if (there?.kind === 'file') throw bothKinds(checked);
    if (there === undefined) this.#put(checked, { kind: 'folder' });
  }

  addFile(path: string, content: Uint8Array, executable: boolean): void {
    const checked = checkedPath(path);
    const there = this.#files.get(checked);
    if (there?.kind === 'folder') throw bothKinds(checked);
    if (there?.kind === 'file') throw shareInvalid(`${quoted(checked)} is in it twice, so it is unclear which one is meant.`);
    this.checkRoom(checked, content.length);
    this.#byteCount += content.length;
    this.#put(checked, { kind: 'file', content, executable });
  }

  #put(path: WorkspacePath, entry: CarriedEntry): void {
    const parent = parentOf(path);
    if (parent !== '') this.addFolder(parent);
    if (this.#files.size >= this.#limits.entries) {
      throw shareInvalid(`There are more than ${this.#limits.entries.toLocaleString('en')} files and folders in it, the most that may come at once.`);
    }
    this.#files.set(path, entry);
  }
}

/** Bytes of all files. */
export function bytesOf(files: CarriedFiles): number {
  let sum = 0;
  for (const entry of files.values()) if (entry.kind === 'file') sum += entry.content.length;
  return sum;
}

/**
 * Pairs of paths that differ only in case, or in how an accent is written: Linux tells them apart, people and other systems do not.
 */
export function lookalikes(paths: Iterable<WorkspacePath>): readonly (readonly [WorkspacePath, WorkspacePath])[] {
  const seen = new Map<string, WorkspacePath>();
  const pairs: [WorkspacePath, WorkspacePath][] = [];
  for (const path of paths) {
    const folder = parentOf(path);
    const key = joinPath(folder, path.slice(folder.length).normalize('NFC').toLowerCase());
    const other = seen.get(key);
    if (other === undefined) seen.set(key, path);
    else pairs.push([other, path]);
  }
  return pairs;
}

function checkedPath(path: string): WorkspacePath {
  if (path.startsWith('/') || /^[a-z]:[\\/]/i.test(path)) throw outside(path);
  if (path.length > MAX_PATH_LENGTH) throw shareInvalid(`The path ${quoted(path)} is longer than ${MAX_PATH_LENGTH} characters.`);
  for (const name of path.split('/')) {
    if (name === '..') throw outside(path);
    const problem = nameProblem(name);
    if (problem !== undefined) throw shareInvalid(`It contains the path ${quoted(path)}, which cannot be used. ${problem}`);
  }
  return path;
}

function outside(path: string): SandboxError {
  return shareInvalid(
    `It contains ${quoted(path)}, a path that leads out of the workspace. Ordinary programs do not make such paths: do not trust it.`,
  );
}

function bothKinds(path: WorkspacePath): SandboxError {
  return shareInvalid(`${quoted(path)} is both a file and a folder in it.`);
}

function megabytes(byteCount: number): string {
  return `${byteCount / MEBIBYTE} MB`;
}
