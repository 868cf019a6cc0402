import { withTimeout } from '../../core/base/errors.ts';
import { bytesOfPacked } from '../../core/snapshots/page-table.ts';
import { decodeIndex } from '../../core/snapshots/snapshot-index.ts';
import type { CDPSession, Page } from 'playwright-core';
import { memoryByKind } from '../bench/process-usage.ts';

/** What may grow in a long visit, by name: bytes, or a number of things where the name does not end in `bytes`. */
export type Counters = Readonly<Record<string, number>>;

const ANSWER_MILLISECONDS = 30_000;

/** What `Runtime.getHeapUsage` tells (Chrome DevTools Protocol). */
interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize?: number;
}

/** Speaks with the page's workers, each through a session of its own that Playwright does not open. */
export class WorkerHeaps {
  readonly #targets = new Map<string, string>();
  readonly #answers = new Map<number, (result: unknown) => void>();
  #number = 0;

  private constructor(private readonly session: CDPSession) {
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') this.#targets.set(sessionId, targetInfo.url);
    });
    session.on('Target.detachedFromTarget', ({ sessionId }) => this.#targets.delete(sessionId));
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as { id?: number; result?: unknown };
      if (id !== undefined) this.#answers.get(id)?.(result);
    });
  }

  static async open(page: Page): Promise<WorkerHeaps> {
    const session = await page.context().newCDPSession(page);
    const heaps = new WorkerHeaps(session);
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return heaps;
  }

  /** Bytes that are in use after a garbage collection: of the page itself, and of all its workers together. */
  async read(): Promise<Counters> {
    await this.session.send('HeapProfiler.collectGarbage');
    const page = (await this.session.send('Runtime.getHeapUsage')) as HeapUsage;
    const workers = await Promise.all([...this.#targets.keys()].map(target => this.#readWorker(target)));
    const sum = (of: (usage: HeapUsage) => number): number => workers.reduce((total, usage) => total + of(usage), 0);
    return {
      page_heap_bytes: page.usedSize,
      page_buffers_bytes: page.backingStorageSize ?? 0,
      worker_heap_bytes: sum(({ usedSize }) => usedSize),
      worker_buffers_bytes: sum(({ backingStorageSize }) => backingStorageSize ?? 0),
      workers: workers.length,
    };
  }

  async #readWorker(target: string): Promise<HeapUsage> {
    await this.#ask(target, 'HeapProfiler.collectGarbage');
    return (await this.#ask(target, 'Runtime.getHeapUsage')) as HeapUsage;
  }

  async #ask(sessionId: string, method: string): Promise<unknown> {
    const id = ++this.#number;
    const answer = new Promise<unknown>(resolve => this.#answers.set(id, resolve));
    await this.session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    try {
      return await withTimeout(answer, ANSWER_MILLISECONDS, `A worker of the page did not answer ${method}.`);
    } finally {
      this.#answers.delete(id);
    }
  }
}

/** What the browser takes on the machine, the page's documents hold, and the origin stores. */
export async function readBrowser(page: Page, profile: string): Promise<Counters> {
  const memory = await memoryByKind(profile);
  // Text, because this program is checked without the browser's own names.
  const [elements, stored] = await page.evaluate<[number, number]>(
    '(async () => [document.querySelectorAll("*").length, (await navigator.storage.estimate()).usage ?? 0])()',
  );
  const ofKinds = Object.entries(memory).map(([kind, bytes]) => [`${kind.replaceAll('-', '_')}_bytes`, bytes] as const);
  return { ...Object.fromEntries(ofKinds), elements, stored_bytes: stored };
}

/**
 * Gives the bytes of all files of saved machines (opfs-snapshot-folder.ts), and the newest index in base64. Text, because this program is
 * checked without the browser's own names.
 */
const READ_SNAPSHOTS = `(async () => {
  let bytes = 0;
  let newest;
  for await (const folder of (await navigator.storage.getDirectory()).values()) {
    if (!folder.name.startsWith('machine ')) continue;
    for await (const handle of folder.values()) {
      const file = await handle.getFile().catch(() => undefined);
      bytes += file?.size ?? 0;
      if (file && file.name.startsWith('own-') && !(newest?.name > file.name)) newest = file;
    }
  }
  const index = new Uint8Array((await newest?.arrayBuffer()) ?? 0);
  let text = '';
  for (let at = 0; at < index.length; at += 4096) text += String.fromCharCode(...index.subarray(at, at + 4096));
  return [bytes, btoa(text)];
})()`;

/** What the saved machine takes, and what of it is in use: none while a save is just being made good. */
export async function readSnapshots(page: Page): Promise<Counters> {
  const [bytes, base64] = await page.evaluate<[number, string]>(READ_SNAPSHOTS);
  const index = await decodeIndex(new Uint8Array(Buffer.from(base64, 'base64')));
  if (index === undefined) return { snapshots_bytes: bytes };
  return {
    snapshots_bytes: bytes,
    saved_memory_bytes: bytesOfPacked(index.memory),
    saved_disk_bytes: bytesOfPacked(index.disk),
    saved_code_bytes: index.head.modules.reduce((sum, { code }) => sum + code[2], 0),
  };
}
