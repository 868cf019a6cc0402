import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gzipped, ungzipped } from '../../../src/core/base/gzip.ts';
import type { CompiledModule } from '../../../src/core/machine/machine.ts';
import { packPages, type MemoryLayout } from '../../../src/core/machine/memory-image.ts';
import type { SnapshotContent } from '../../../src/core/snapshots/lineage.ts';
import { PAGE_BYTES } from '../../../src/core/snapshots/page-hash.ts';
import type { SnapshotFolder } from '../../../src/core/snapshots/snapshot-folder.ts';
import { SnapshotStore } from '../../../src/core/snapshots/snapshot-store.ts';
import { diskSnapshotFolder } from '../../../src/node/machine/disk-snapshot-folder.ts';

/** A whole number of WebAssembly's own pages, which are 16 of these. */
const PAGES = 304;
const FACTS = { machine: 'a machine', savedAt: 1000 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-snapshots-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Numbers that look random and are the same every time. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a machine was made of at some moment. */
type CopiedContent = Omit<SnapshotContent, 'memory'> & { readonly memory: Uint8Array };

/** A small machine whose content goes on changing. */
class TestMachine {
  readonly #memory = new WebAssembly.Memory({ initial: PAGES / 16 });
  readonly memory = new Uint8Array(this.#memory.buffer);
  readonly blocks = new Map<number, Uint8Array>();
  modules: CompiledModule[] = [];
  parts: Record<string, Uint8Array> = { devices: new Uint8Array(100) };
  readonly #random: () => number;

  constructor(seed = 1) {
    this.#random = randomNumbers(seed);
  }

  /** Changes so many pages of memory, and a few other things. */
  work(pages: number): this {
    for (let count = 0; count < pages; count++) {
      const start = Math.floor(this.#random() * PAGES) * PAGE_BYTES;
      if (this.#random() < 0.2) this.memory.fill(0, start, start + PAGE_BYTES);
      else this.memory[start + Math.floor(this.#random() * PAGE_BYTES)] = 1 + Math.floor(this.#random() * 255);
    }
    const block = Math.floor(this.#random() * 2000);
    this.blocks.set(
      block,
      Uint8Array.from({ length: PAGE_BYTES }, () => this.#random() * 256),
    );
    this.modules = [...this.modules.slice(-3), this.#module()];
    this.parts = { devices: Uint8Array.from({ length: 10_000 }, () => this.#random() * 256), nothing: new Uint8Array(0) };
    return this;
  }

  content(): SnapshotContent {
    return { memory: this.#memory, ramStart: 4096, modules: this.modules, blocks: this.blocks, parts: this.parts };
  }

  copy(): CopiedContent {
    return structuredClone({ ...this.content(), memory: this.memory });
  }

  #module(): CompiledModule {
    const code = Uint8Array.from({ length: 500 + Math.floor(this.#random() * 500) }, () => this.#random() * 256);
    return { slot: Math.floor(this.#random() * 900), address: 4096 * this.modules.length, code };
  }
}

async function save(store: SnapshotStore, machine: TestMachine, name?: string): Promise<string> {
  const draft = await store.begin();
  draft.take(machine.content());
  return (await draft.finish({ ...FACTS, ...(name !== undefined && { name }) })).id;
}

/** Everything of a saved machine, and that a machine goes on from it. */
async function restore(store: SnapshotStore, id: string): Promise<CopiedContent> {
  const saved = await store.read(id);
  const memory = new Uint8Array(saved.index.head.memoryBytes);
  const pages = await pagesOf(saved.memory());
  unpack(memory, saved.layout, pages);
  const blocks = new Map<number, Uint8Array>();
  for await (const [index, block] of saved.blocks()) blocks.set(index, block);
  const modules = await saved.modules();
  const parts: Record<string, Uint8Array> = {};
  for (const name of Object.keys(saved.index.head.parts)) parts[name] = await saved.part(name);
  store.follow(saved, modules);
  return { memory, ramStart: saved.index.head.ramStart, modules, blocks, parts };
}

async function pagesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

function unpack(memory: Uint8Array, { runs }: MemoryLayout, pages: Uint8Array): void {
  let at = 0;
  for (let index = 0; index < runs.length; index += 2) {
    const [start, bytes] = [runs[index]! * PAGE_BYTES, runs[index + 1]! * PAGE_BYTES];
    memory.set(pages.subarray(at, (at += bytes)), start);
  }
}

function sorted(content: CopiedContent): unknown {
  const bytesOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
  return {
    ramStart: content.ramStart,
    memory: bytesOf(content.memory).toString('base64'),
    blocks: [...content.blocks].sort(([one], [other]) => one - other).map(([index, block]) => [index, bytesOf(block).toString('base64')]),
    modules: [...content.modules].sort((one, other) => one.slot - other.slot).map(one => ({ ...one, code: bytesOf(one.code).toString('base64') })),
    parts: Object.entries(content.parts)
      .sort()
      .map(([name, bytes]) => [name, bytesOf(bytes).toString('base64')]),
  };
}

const sizeOfFolder = async (): Promise<number> => (await diskSnapshotFolder(folder).list()).reduce((sum, { bytes }) => sum + bytes, 0);

describe('a store of saved machines', () => {
  test('what is copied while the machine goes on is copied again where it has changed since', async () => {
    const machine = new TestMachine().work(200);
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    const kept: number[] = [];
    for (let round = 0; round < 10; round++) {
      const draft = await store.begin();
      for (const step of draft.copyAhead(machine.content())) void [step, machine.work(3)];
      draft.take(machine.content());
      await draft.finish(FACTS);
      kept.push(store.own!.bytes);
      expect(sorted(await restore(store, store.own!.id))).toEqual(sorted(machine.copy()));
    }
    expect(Math.max(...kept)).toBeLessThan(2 * PAGES * PAGE_BYTES);
    const other = await SnapshotStore.open(diskSnapshotFolder(folder));
    expect(sorted(await restore(other, other.own!.id))).toEqual(sorted(machine.copy()));
  });

  test('gives back what was saved, over many saves and another program', async () => {
    const machine = new TestMachine();
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    for (let round = 0; round < 30; round++) {
      await save(store, machine.work(20));
      expect(store.list()).toHaveLength(1);
    }
    const other = await SnapshotStore.open(diskSnapshotFolder(folder));
    expect(sorted(await restore(other, other.own!.id))).toEqual(sorted(machine.copy()));
  });

  test('stores only what has changed', async () => {
    const machine = new TestMachine().work(2000);
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await save(store, machine);
    const before = await sizeOfFolder();
    machine.memory[5000] = 7;
    await save(store, machine);
    const growth = (await sizeOfFolder()) - before;
    expect(growth).toBeGreaterThan(0);
    expect(growth).toBeLessThan(3 * PAGE_BYTES);
  });

  test('goes on storing only what has changed after a restore', async () => {
    const machine = new TestMachine().work(2000);
    await save(await SnapshotStore.open(diskSnapshotFolder(folder)), machine);
    const before = await sizeOfFolder();
    const other = await SnapshotStore.open(diskSnapshotFolder(folder));
    const restored = await restore(other, other.own!.id);
    const draft = await other.begin();
    draft.take({ ...restored, memory: machine.content().memory });
    await draft.finish(FACTS);
    expect((await sizeOfFolder()) - before).toBeLessThan(PAGE_BYTES);
    expect(sorted(await restore(other, other.own!.id))).toEqual(sorted(machine.copy()));
  });

  test('does not grow without end', async () => {
    const machine = new TestMachine().work(2000);
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await save(store, machine);
    for (let round = 0; round < 200; round++) await save(store, machine.work(30));
    expect(await sizeOfFolder()).toBeLessThan(3.5 * machine.copy().memory.length);
    expect((await readdir(folder)).length).toBeLessThan(40);
    expect(sorted(await restore(store, store.own!.id))).toEqual(sorted(machine.copy()));
  });

  test('keeps named machines as they were, and shares what is the same', async () => {
    const machine = new TestMachine().work(2000);
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await save(store, machine);
    const before = await sizeOfFolder();
    const id = await save(store, machine, 'before the experiment');
    const then = machine.copy();
    expect((await sizeOfFolder()) - before).toBeLessThan(40_000);
    for (let round = 0; round < 40; round++) await save(store, machine.work(100));
    const other = await SnapshotStore.open(diskSnapshotFolder(folder));
    expect(other.list().find(info => info.id === id)).toMatchObject({ name: 'before the experiment', savedAt: 1000 });
    expect(sorted(await restore(other, id))).toEqual(sorted(then));
    expect(sorted(await restore(other, other.own!.id))).toEqual(sorted(machine.copy()));
    await other.remove(id);
    expect(other.list()).toHaveLength(1);
    expect(sorted(await restore(other, other.own!.id))).toEqual(sorted(machine.copy()));
  });

  test('a machine that is another one is stored whole', async () => {
    await save(await SnapshotStore.open(diskSnapshotFolder(folder)), new TestMachine(1).work(500));
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    const machine = new TestMachine(2).work(500);
    await save(store, machine);
    expect(sorted(await restore(store, store.own!.id))).toEqual(sorted(machine.copy()));
  });
});

/** A folder whose program is ended after so many operations: nothing reaches it from then on. */
function mortal(inner: SnapshotFolder, operations: number): SnapshotFolder {
  let left = operations;
  const live = <T>(work: () => T): T => {
    if (left-- <= 0) throw new Error('the program was ended');
    return work();
  };
  return {
    list: async () => live(() => inner.list()),
    read: async (...parameters) => live(() => inner.read(...parameters)),
    remove: async name => live(() => inner.remove(name)),
    create: async name => {
      const file = await live(() => inner.create(name));
      return {
        write: bytes => {
          // Of the last piece only a part arrives.
          if (left === 1) file.write(bytes.subarray(0, bytes.length >> 1));
          live(() => file.write(bytes));
        },
        close: async () => live(() => file.close()),
        abandon: async () => live(() => file.abandon()),
      };
    },
  };
}

describe('a program that is ended in the middle of a save', () => {
  test('leaves the last good one, whenever that is', async () => {
    for (let operations = 4; operations < 60; operations++) {
      const place = join(folder, `${operations}`);
      const machine = new TestMachine(operations).work(100);
      let last = machine.copy();
      let before = last;
      const store = await SnapshotStore.open(mortal(diskSnapshotFolder(place), operations)).catch(() => undefined);
      if (store === undefined) continue;
      try {
        for (;;) {
          before = machine.work(30).copy();
          await save(store, machine);
          last = before;
        }
      } catch {
        // The end.
      }
      const found = await SnapshotStore.open(diskSnapshotFolder(place));
      if (found.own === undefined) {
        expect(operations).toBeLessThan(12);
        continue;
      }
      // What had just become good may have been the last thing that the program did.
      expect([sorted(last), sorted(before)]).toContainEqual(sorted(await restore(found, found.own.id)));
    }
  });

  test('leaves nothing behind that stays', async () => {
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await save(store, new TestMachine().work(10));
    await writeFile(join(folder, 'segment-half'), 'half');
    await writeFile(join(folder, 'own-0000000099'), 'not an index');
    const other = await SnapshotStore.open(diskSnapshotFolder(folder));
    expect(await readdir(folder)).not.toContain('segment-half');
    expect(other.list()).toHaveLength(1);
  });
});

describe('what is damaged', () => {
  async function saved(): Promise<string> {
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await save(store, new TestMachine().work(200));
    return (await readdir(folder)).find(name => name.startsWith('segment-'))!;
  }

  test('is found when it is read: a page', async () => {
    const segment = await saved();
    const bytes = await readFile(join(folder, segment));
    bytes[2 * PAGE_BYTES + 17]! ^= 1;
    await writeFile(join(folder, segment), bytes);
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await expect(restore(store, store.own!.id)).rejects.toMatchObject({ code: 'snapshot-damaged' });
  });

  test('is not offered: a segment that is too short', async () => {
    await truncate(join(folder, await saved()), 5000);
    expect((await SnapshotStore.open(diskSnapshotFolder(folder))).list()).toEqual([]);
  });

  test('is not offered: an index with a changed byte', async () => {
    await saved();
    const name = (await readdir(folder)).find(one => one.startsWith('own-'))!;
    const bytes = await readFile(join(folder, name));
    bytes[100]! ^= 1;
    await writeFile(join(folder, name), bytes);
    expect((await SnapshotStore.open(diskSnapshotFolder(folder))).list()).toEqual([]);
  });
});

describe('a folder without room', () => {
  test('is told of, and the next save is whole again', async () => {
    const inner = diskSnapshotFolder(folder);
    let isFull = false;
    const store = await SnapshotStore.open({
      ...inner,
      create: async name => {
        const file = await inner.create(name);
        return {
          ...file,
          write: bytes => {
            if (isFull) throw new DOMException('full', 'QuotaExceededError');
            file.write(bytes);
          },
        };
      },
    });
    const machine = new TestMachine().work(100);
    await save(store, machine);
    const last = machine.copy();
    isFull = true;
    await expect(save(store, machine.work(10))).rejects.toMatchObject({ code: 'storage-refused', message: expect.stringMatching(/no room/) });
    expect(sorted(await restore(await SnapshotStore.open(inner), store.own!.id))).toEqual(sorted(last));
    isFull = false;
    await save(store, machine);
    expect(sorted(await restore(store, store.own!.id))).toEqual(sorted(machine.copy()));
  });
});

describe('a snapshot as a file', () => {
  async function exported(store: SnapshotStore, id: string): Promise<Blob> {
    return gzipped(await store.export(id));
  }

  test('comes back in another browser as it was', async () => {
    const machine = new TestMachine().work(800);
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    await save(store, machine);
    const id = await save(store, machine.work(40), 'mine');
    const then = machine.copy();
    await save(store, machine.work(40));
    const file = await exported(store, id);
    expect(file.size).toBeLessThan(then.memory.length);
    const other = await SnapshotStore.open(diskSnapshotFolder(join(folder, 'other')));
    const info = await other.import(ungzipped(file), 'theirs');
    expect(info).toMatchObject({ name: 'theirs', machine: FACTS.machine, savedAt: FACTS.savedAt });
    expect(sorted(await restore(await SnapshotStore.open(diskSnapshotFolder(join(folder, 'other'))), info.id))).toEqual(sorted(then));
  });

  test.each([
    ['that ends too soon', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 50)],
    ['with a changed byte', (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 1 : byte))],
    ['that is something else', () => new TextEncoder().encode('{"not": "a snapshot"}')],
    ['that is empty', () => new Uint8Array(0)],
  ])('is refused where it is one %s, and leaves nothing behind', async (_, spoil) => {
    const store = await SnapshotStore.open(diskSnapshotFolder(folder));
    const machine = new TestMachine().work(200);
    const file = await exported(store, await save(store, machine, 'mine'));
    const before = await readdir(folder);
    const spoilt = new Blob([new Uint8Array(spoil(new Uint8Array(await file.arrayBuffer())))]);
    await expect(store.import(ungzipped(spoilt), 'spoilt')).rejects.toMatchObject({ code: 'snapshot-damaged' });
    expect(await readdir(folder)).toEqual(before);
    await save(store, machine);
  });
});

test('layouts are packed as memory-image packs them', async () => {
  const machine = new TestMachine().work(500);
  const store = await SnapshotStore.open(diskSnapshotFolder(folder));
  await save(store, machine);
  await save(store, machine.work(50));
  const saved = await store.read(store.own!.id);
  expect(Buffer.compare(await pagesOf(saved.memory()), packPages(machine.memory, saved.layout))).toBe(0);
});
