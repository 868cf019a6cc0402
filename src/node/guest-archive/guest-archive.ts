import { existsSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gathered } from '../../core/base/bytes.ts';
import type { ByteSource } from './byte-source.ts';
import { extract, type WantedContent } from './extract.ts';
import { GET_IT_AGAIN, GuestArchiveError, TAKE_ANOTHER } from './guest-archive-error.ts';
import {
  BLOCK_BYTES,
  layoutOf,
  manifestBytesOf,
  MANIFEST_OFFSET,
  parseManifest,
  type ArchivedFile,
  type ArchivedStep,
  type GuestManifest,
} from './guest-manifest.ts';

const TELL_EVERY_MILLISECONDS = 5000;
/** Longer than the list of a guest can get. In bytes. */
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** The built steps of a guest, of a release: each is found by its name and key. */
export class GuestArchive {
  readonly #offsets: readonly number[];
  readonly #steps: ReadonlyMap<string, ArchivedStep>;
  /** Where a content was put, to be linked where it is wanted again. */
  readonly #places = new Map<number, string>();
  #arrived = 0;
  #expected = 0;
  #began = Date.now();
  #told = 0;

  private constructor(
    private readonly source: ByteSource,
    private readonly manifest: GuestManifest,
    manifestBytes: number,
    private readonly report: (message: string) => void,
  ) {
    const { offsets, end } = layoutOf(manifestBytes, manifest.contents);
    if (source.size < end) {
      const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
      throw new GuestArchiveError(`${source.name} is cut off: it has ${megabytes(source.size)} of ${megabytes(end)} MB.`, GET_IT_AGAIN);
    }
    this.#offsets = offsets;
    this.#steps = new Map(manifest.steps.map(step => [`${step.name}-${step.key}`, step]));
  }

  /** Reads what is in an archive; rejects with a `GuestArchiveError` where it is none, or is cut off. */
  static async open(source: ByteSource, report: (message: string) => void): Promise<GuestArchive> {
    const bytes = manifestBytesOf(await readAll(source, 0, BLOCK_BYTES));
    if (bytes === undefined || bytes > MAX_MANIFEST_BYTES)
      throw new GuestArchiveError(`${source.name} is no guest archive of Drydock.`, TAKE_ANOTHER);
    const text = Buffer.from(await readAll(source, MANIFEST_OFFSET, MANIFEST_OFFSET + bytes)).toString('utf8');
    if (Buffer.byteLength(text) < bytes) throw new GuestArchiveError(`${source.name} is cut off: its list is not whole.`, GET_IT_AGAIN);
    return new GuestArchive(source, parseManifest(text, source.name), bytes, report);
  }

  /** Of Drydock. */
  get version(): string {
    return this.manifest.version;
  }

  /** Says how much there is to fetch, of what the cache lacks; `isThere` says what it has. */
  announce(isThere: (step: ArchivedStep) => boolean): void {
    const missing = this.manifest.steps.filter(step => !isThere(step));
    const contents = new Set(missing.flatMap(({ files }) => files.flatMap(file => (file.isForBuilding ? [] : [file.content]))));
    this.#expected = [...contents].reduce((sum, content) => sum + this.manifest.contents[content]!.bytes, 0);
    this.report(
      `version ${this.version}, ${this.source.name}: ${missing.length} steps that are missing here, ${(this.#expected / 1e6).toFixed(0)} MB`,
    );
  }

  /** Whether it has a step, made from the same. */
  has(name: string, key: string): boolean {
    return this.#steps.has(`${name}-${key}`);
  }

  /** Whether it has a step of this name, made from something else. */
  hasOther(name: string): boolean {
    return this.manifest.steps.some(step => step.name === name);
  }

  /** Puts a step into a folder, without what only later steps need; gives the paths of that. */
  async restore(name: string, key: string, folder: string): Promise<readonly string[]> {
    const { files } = this.#steps.get(`${name}-${key}`)!;
    await this.#put(
      files.filter(file => file.isForBuilding === undefined),
      folder,
    );
    return files.filter(file => file.isForBuilding).map(({ path }) => path);
  }

  /** Puts what was left out of a step into its folder. */
  async complete(name: string, key: string, folder: string, paths: readonly string[]): Promise<void> {
    const files = this.#steps.get(`${name}-${key}`)!.files.filter(({ path }) => paths.includes(path));
    // Of an attempt that was broken off: never written over, because it may be a link.
    for (const { path } of files) await rm(join(folder, path), { force: true });
    this.#expected += files.reduce((sum, { content }) => sum + this.manifest.contents[content]!.bytes, 0);
    await this.#put(files, folder);
  }

  close(): Promise<void> {
    return this.source.close();
  }

  async #put(files: readonly ArchivedFile[], folder: string): Promise<void> {
    for (const one of new Set(files.map(({ path }) => dirname(join(folder, path))))) await mkdir(one, { recursive: true });
    const first = new Map<number, string>();
    for (const { content, path } of files) if (!this.#isPlaced(content) && !first.has(content)) first.set(content, join(folder, path));
    const wanted = [...first].map(([content, target]): WantedContent => ({
      content: this.manifest.contents[content]!,
      offset: this.#offsets[content]!,
      target,
    }));
    await extract(this.source, wanted, count => this.#count(count));
    // First what is the same as one of these: a link shares its rights, too.
    for (const { path, content, mode } of files) {
      const target = join(folder, path);
      if (first.get(content) !== target) await linkOrCopy(first.get(content) ?? this.#places.get(content)!, target, mode !== undefined);
    }
    for (const { path, mode } of files) if (mode !== undefined) await chmod(join(folder, path), mode);
  }

  /** A step's folder gets its name only when it is whole: what was put there is known by `moved`. */
  #isPlaced(content: number): boolean {
    return existsSync(this.#places.get(content) ?? '');
  }

  /** Tells that a step's files are now in another folder: what they hold can be linked from there. */
  moved(name: string, key: string, folder: string): void {
    for (const { path, content, mode } of this.#steps.get(`${name}-${key}`)!.files)
      // Links share their rights.
      if (mode === undefined && existsSync(join(folder, path))) this.#places.set(content, join(folder, path));
  }

  #count(bytes: number): void {
    this.#arrived += bytes;
    const now = Date.now();
    if (this.#arrived === bytes) this.#began = now;
    if (now - this.#told < TELL_EVERY_MILLISECONDS) return;
    const isFirst = this.#told === 0;
    this.#told = now;
    if (isFirst || this.#arrived > this.#expected) return;
    const left = ((now - this.#began) / 1000 / this.#arrived) * (this.#expected - this.#arrived);
    const megabytes = (count: number): string => (count / 1e6).toFixed(0);
    this.report(`${megabytes(this.#arrived)} of ${megabytes(this.#expected)} MB, about ${Math.ceil(left)} s more`);
  }
}

async function linkOrCopy(from: string, to: string, hasOwnMode: boolean): Promise<void> {
  if (hasOwnMode) await copyFile(from, to);
  else await link(from, to).catch(() => copyFile(from, to));
}

function readAll(source: ByteSource, from: number, to: number): Promise<Uint8Array> {
  return gathered(source.read(from, Math.min(to, source.size)));
}
