import { hexOf } from '../base/bytes.ts';
import { messageOf, SandboxError } from '../base/errors.ts';
import { Lineage, type LargeContent, type SnapshotContent } from './lineage.ts';
import { SavedSnapshot } from './saved-snapshot.ts';
import { SegmentWriter } from './segment-writer.ts';
import { Segments } from './segments.ts';
import type { FileWriter, FolderEntry, SnapshotFolder } from './snapshot-folder.ts';
import { decodeIndex, encodeIndex, type SnapshotIndex } from './snapshot-index.ts';
import { packSnapshot, SnapshotFileReader } from './snapshot-file.ts';
import { sizeOf, type SnapshotInfo } from './snapshot-info.ts';

const OWN_PREFIX = 'own-';
const NAMED_PREFIX = 'named-';
const SEGMENT_PREFIX = 'segment-';
const GENERATION_DIGITS = 10;

/** A saved machine that can be resumed: its files, and which machine can resume it. */
interface KnownSnapshot {
  readonly info: SnapshotInfo;
  readonly segments: readonly string[];
}

/** A save that has begun. */
export interface SnapshotDraft {
  /**
   * Stores, a little at each step, what has changed since the machine's last save of what is large, while the machine goes on: then little is left for
   * `take`, before which it must have ended. A step throws `storage-refused` where there is no room.
   */
  copyAhead(content: LargeContent): Generator<void, void, undefined>;
  /** Stores what has changed since the machine's last save. At once: nothing else runs meanwhile. Throws `storage-refused` where there is no room. */
  take(content: SnapshotContent): void;
  /** Makes it good; from then on it is what is found. With a name it is kept beside, until it is removed. */
  finish(facts: { readonly machine: string; readonly savedAt: number; readonly name?: string }): Promise<SnapshotInfo>;
  /** Forgets it. */
  abandon(): Promise<void>;
}

/**
 * Saved machines in a folder: one that follows the machine, and others with names. Pages of memory and disk are stored once, in segment
 * files, and shared; an index says which belong to a machine. Nothing is ever written over: an index comes last, and what it replaces goes after it,
 * so that whenever this program is ended the last good one is there.
 */
export class SnapshotStore {
  readonly #segments = new Segments();
  #known = new Map<string, KnownSnapshot>();
  #lineage: Lineage | undefined;
  #writing: string | undefined;
  #generation = 0;
  #order: Promise<unknown> = Promise.resolve();

  private constructor(private readonly folder: SnapshotFolder) {}

  /** Looks through a folder, and removes what earlier programs left half done. */
  static async open(folder: SnapshotFolder): Promise<SnapshotStore> {
    const store = new SnapshotStore(folder);
    await store.#look();
    await store.#clean();
    return store;
  }

  /** What there is, the newest first. */
  list(): readonly SnapshotInfo[] {
    return [...this.#known.values()].map(({ info }) => info).sort((one, other) => other.savedAt - one.savedAt);
  }

  /** What was saved of the machine without anybody asking. */
  get own(): SnapshotInfo | undefined {
    return this.list().find(({ name }) => name === undefined);
  }

  /** Bytes that everything here takes together. */
  async usedBytes(): Promise<number> {
    return (await this.folder.list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Reads a saved machine. Rejects with `snapshot-damaged` where it is not there or not whole. */
  async read(id: string): Promise<SavedSnapshot> {
    const file = (await this.folder.list()).find(one => one.name === id && isIndex(one));
    const index = file && (await this.#readIndex(file));
    if (index === undefined) throw new SandboxError('snapshot-damaged', 'This saved machine is no longer there, or it is damaged.');
    return new SavedSnapshot(index, this.folder);
  }

  /** The machine goes on from what was read: its next save stores only what is different. `modules` are the ones it was given. */
  follow({ index }: SavedSnapshot, modules: Parameters<typeof Lineage.of>[2]): void {
    this.#lineage = Lineage.of(index, this.#segments, modules);
  }

  /** Begins a save. One at a time: the next waits for its end. */
  begin(): Promise<SnapshotDraft> {
    return new Promise((resolve, reject) => {
      void this.#inTurn(async () => {
        const name = `${SEGMENT_PREFIX}${randomName()}`;
        const file = await this.folder.create(name).catch((error: unknown) => Promise.reject(refused(error)));
        this.#writing = name;
        await new Promise<void>(over => resolve(this.#draft(name, file, over)));
      }).catch(reject);
    });
  }

  /** Removes a saved machine; what others need of it stays. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.folder.remove(id);
      this.#known.delete(id);
      await this.#clean();
    });
  }

  /** A saved machine as one file: its pieces. */
  async export(id: string): Promise<AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>> {
    return packSnapshot((await this.read(id)).index, this.folder);
  }

  /** Takes in what `export` gave, under a name. Rejects with `snapshot-damaged`, and with `storage-refused` where there is no room. */
  import(pieces: AsyncIterable<Uint8Array>, name: string): Promise<SnapshotInfo> {
    return this.#inTurn(async () => {
      const reader = new SnapshotFileReader(pieces);
      const { head, ...tables } = await reader.index();
      const segment = `${SEGMENT_PREFIX}${randomName()}`;
      const bytes = head.segments[0]!.bytes;
      const file = await this.folder.create(segment).catch((error: unknown) => Promise.reject(refused(error)));
      try {
        for await (const piece of reader.content(bytes)) file.write(piece);
        await file.close();
        return await this.#write(`${NAMED_PREFIX}${randomName()}`, { head: { ...head, name, segments: [{ name: segment, bytes }] }, ...tables });
      } catch (error) {
        await file.abandon().catch(() => undefined);
        await this.#clean();
        throw refused(error);
      }
    });
  }

  #draft(name: string, file: FileWriter, over: () => void): SnapshotDraft {
    const writer = new SegmentWriter(this.#segments.add(name, 0), file);
    const lineage = (this.#lineage ??= new Lineage(this.#segments));
    // Now, not in `take`: the machine stands still then.
    const emptying = lineage.wasteful(this.#segmentsOfNamed());
    const abandon = async (): Promise<void> => {
      // The tables already say what was to be stored.
      this.#lineage = undefined;
      this.#writing = undefined;
      await file.abandon().catch(() => undefined);
      over();
    };
    const guarded = async <T>(work: () => T | Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        await abandon();
        throw refused(error);
      }
    };
    return {
      *copyAhead(content) {
        try {
          yield* lineage.putLarge(content, writer, emptying);
        } catch (error) {
          void abandon();
          throw refused(error);
        }
      },
      take: content => {
        try {
          lineage.put(content, writer, emptying);
          this.#segments.setBytes(writer.segment, writer.bytes);
        } catch (error) {
          void abandon();
          throw refused(error);
        }
      },
      finish: async facts => {
        const info = await guarded(async () => {
          await file.close();
          return this.#commit(lineage, facts);
        });
        this.#writing = undefined;
        // What is superfluous is removed again next time.
        await this.#clean().catch(() => undefined);
        over();
        return info;
      },
      abandon,
    };
  }

  async #commit(lineage: Lineage, { name, ...facts }: { machine: string; savedAt: number; name?: string }): Promise<SnapshotInfo> {
    const before = this.own;
    const own = await this.#write(`${OWN_PREFIX}${`${++this.#generation}`.padStart(GENERATION_DIGITS, '0')}`, lineage.index(facts));
    const named = name === undefined ? undefined : await this.#write(`${NAMED_PREFIX}${randomName()}`, lineage.index({ ...facts, name }));
    if (before !== undefined) {
      await this.folder.remove(before.id);
      this.#known.delete(before.id);
    }
    return named ?? own;
  }

  async #write(id: string, index: SnapshotIndex): Promise<SnapshotInfo> {
    const file = await this.folder.create(id);
    try {
      file.write(await encodeIndex(index));
      await file.close();
    } catch (error) {
      await file.abandon().catch(() => undefined);
      throw error;
    }
    return this.#note(id, index);
  }

  #note(id: string, index: SnapshotIndex): SnapshotInfo {
    const { machine, name, savedAt, segments } = index.head;
    const info = { id, machine, savedAt, bytes: sizeOf(index), ...(name !== undefined && { name }) };
    this.#known.set(id, { info, segments: segments.map(segment => segment.name) });
    return info;
  }

  async #look(): Promise<void> {
    const files = await this.folder.list();
    const sizes = new Map(files.map(({ name, bytes }) => [name, bytes]));
    for (const file of files.filter(isIndex)) {
      const { name } = file;
      const index = await this.#readIndex(file);
      if (index?.head.segments.every(segment => (sizes.get(segment.name) ?? -1) >= segment.bytes) === true) this.#note(name, index);
      if (name.startsWith(OWN_PREFIX)) this.#generation = Math.max(this.#generation, Number(name.slice(OWN_PREFIX.length)) || 0);
    }
    // The newest of the machine's own; the others were about to be removed.
    const [, ...older] = this.list()
      .filter(({ name }) => name === undefined)
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    for (const { id } of older) this.#known.delete(id);
  }

  /** Undefined where it is damaged, or of another format. */
  #readIndex({ name, bytes }: FolderEntry): Promise<SnapshotIndex | undefined> {
    return this.folder.read(name, 0, bytes).then(decodeIndex, () => undefined);
  }

  /** Removes files that no known snapshot needs. */
  async #clean(): Promise<void> {
    const needed = new Set([...this.#known].flatMap(([id, { segments }]) => [id, ...segments]));
    if (this.#writing !== undefined) needed.add(this.#writing);
    for (const { name } of await this.folder.list()) if (!needed.has(name)) await this.folder.remove(name);
  }

  #segmentsOfNamed(): Set<string> {
    return new Set([...this.#known.values()].flatMap(({ info, segments }) => (info.name === undefined ? [] : segments)));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#order.then(work);
    this.#order = done.catch(() => undefined);
    return done;
  }
}

/** Never the same twice, also where two programs write. */
function randomName(): string {
  return hexOf(crypto.getRandomValues(new Uint8Array(12)));
}

function isIndex({ name }: FolderEntry): boolean {
  return name.startsWith(OWN_PREFIX) || name.startsWith(NAMED_PREFIX);
}

/** What a folder that takes nothing means for the learner: most often there is no room left. */
function refused(error: unknown): SandboxError {
  if (error instanceof SandboxError) return error;
  const isFull = error instanceof Error && (error.name === 'QuotaExceededError' || /quota|no space|ENOSPC/i.test(error.message));
  const message = isFull
    ? 'The browser has no room left to save the machine. Delete saved machines that you no longer need, or free disk space.'
    : `The machine could not be saved: ${messageOf(error)}.`;
  return new SandboxError('storage-refused', message, { cause: error });
}
