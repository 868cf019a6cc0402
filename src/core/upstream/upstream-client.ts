import { gathered, joinedAll, onePiece } from '../base/bytes.ts';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { ByteQueue } from '../network/byte-queue.ts';
import { Digester, type FileDigest } from '../base/file-digest.ts';
import type { KeptFiles } from './kept-files.ts';
import type { Transfer } from './transfer.ts';
import { hostOf } from './upstream-settings.ts';
import { WebError, type Web, type WebAnswer } from './web.ts';

/** A server that sends nothing for so long is given up. */
const SILENCE_MILLISECONDS = 30_000;
/** Longer than any list of a package index, and short enough for the memory of a small computer. */
const MOST_PAGE_BYTES = 64 * 1024 * 1024;
/** What a page said is believed for so long: pip asks for the same list several times in a minute. */
const PAGE_MILLISECONDS = 300_000;
/** So often a file is asked for that breaks off before its first byte was handed on. */
const ATTEMPTS = 2;
/** The page is told how far something is at most so often. */
const TOLD_MILLISECONDS = 250;

export interface WantedPage {
  readonly address: string;
  /** For the page's list of what went out. */
  readonly what: string;
  readonly accept?: string;
  /** What it must be; it then never changes, and one that is kept is as good as a new one. */
  readonly digest?: FileDigest;
  readonly signal: AbortSignal;
}

export interface WantedFile {
  readonly address: string;
  readonly what: string;
  readonly digest: FileDigest;
  readonly signal: AbortSignal;
}

/** What a server said; of one that is kept, the status is 200. */
export interface Page {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** What a server has; undefined where it does not have it. `host` and `what` are for the WebError that any other answer is. */
export function foundIn({ bytes, status }: Page, host: string, what: string): Uint8Array | undefined {
  if (status === 200) return bytes;
  if (status === 404) return undefined;
  throw new WebError('refused', `${host} answers ${status} to a request for ${what}.`);
}

/** Fetches from servers outside: checks what comes, keeps it, bounds every wait, and tells the page of each request. */
export class UpstreamClient {
  readonly #transfer = new Emitter<Transfer>();
  /** Whenever a request begins, goes on or ends. */
  readonly onTransfer = this.#transfer.event;
  /** When a page was fetched that is kept, by its name: the lists of large packages would fill the memory. */
  readonly #fetched = new Map<string, number>();
  #lastId = 0;

  constructor(
    private readonly web: Web,
    private readonly kept: KeptFiles,
    private readonly silenceMilliseconds = SILENCE_MILLISECONDS,
  ) {}

  /**
   * A page as a whole: the server's, or, where that cannot be reached, the one that was kept. An answer without success is an answer.
   * Rejects with a WebError.
   */
  async page(wanted: WantedPage): Promise<Page> {
    const name = wanted.digest === undefined ? `page ${wanted.accept ?? ''} ${wanted.address}` : nameOf(wanted.digest);
    const age = performance.now() - (this.#fetched.get(name) ?? -Infinity);
    if (wanted.digest !== undefined || age < PAGE_MILLISECONDS) {
      const kept = await this.#keptPage(name);
      if (kept !== undefined) return kept;
    }
    try {
      const page = await this.#fetchPage(wanted);
      if (page.status === 200) {
        await this.kept.keep(name, onePiece(page.bytes)).catch(warnOfRoom);
        this.#fetched.set(name, performance.now());
      }
      return page;
    } catch (error) {
      const kept = isGone(error) ? await this.#keptPage(name) : undefined;
      if (kept === undefined) throw error;
      return kept;
    }
  }

  /**
   * A file in pieces, kept or fetched. Its last piece is handed on only when the whole fits its digest, and only then it is kept.
   * Throws a WebError.
   */
  async *file(wanted: WantedFile): AsyncGenerator<Uint8Array, void, undefined> {
    const kept = await this.kept.open(nameOf(wanted.digest));
    if (kept !== undefined) return yield* kept;
    for (let attempt = 1; ; attempt++) {
      let isBegun = false;
      try {
        for await (const piece of this.#fetchFile(wanted)) {
          isBegun = true;
          yield piece;
        }
        return;
      } catch (error) {
        if (isBegun || attempt >= ATTEMPTS || (error instanceof WebError && error.kind !== 'unreachable' && error.kind !== 'silent')) throw error;
      }
    }
  }

  /** Whether a file is kept already. */
  async isKept(digest: FileDigest): Promise<boolean> {
    return (await this.kept.open(nameOf(digest))) !== undefined;
  }

  /** Something of the sandbox's own making that belongs to what was fetched. */
  async keepNote(name: string, note: unknown): Promise<void> {
    await this.kept.keep(`note ${name}`, onePiece(new TextEncoder().encode(JSON.stringify(note)))).catch(warnOfRoom);
  }

  /** Such a note; undefined where none is kept. */
  async note(name: string): Promise<unknown> {
    const page = await this.#keptPage(`note ${name}`);
    return page && JSON.parse(new TextDecoder().decode(page.bytes));
  }

  async #keptPage(name: string): Promise<Page | undefined> {
    const pieces = await this.kept.open(name);
    return pieces && { status: 200, bytes: await gathered(pieces) };
  }

  async #fetchPage(wanted: WantedPage): Promise<Page> {
    const { address, accept, digest, signal } = wanted;
    const log = this.#log(wanted);
    try {
      const answer = await this.#ask(address, signal, accept);
      const parts: Uint8Array[] = [];
      for await (const piece of this.#pieces(answer, wanted, log)) {
        parts.push(piece);
        if (log.receivedBytes > MOST_PAGE_BYTES) throw new WebError('refused', `${wanted.what} of ${log.host} is too long to be read here.`);
      }
      const page = { status: answer.status, bytes: joinedAll(parts) };
      if (digest !== undefined && page.status === 200) checkWhole(page.bytes, digest, wanted);
      log.end();
      return page;
    } catch (error) {
      log.fail(messageOf(error));
      throw error;
    }
  }

  async *#fetchFile(wanted: WantedFile): AsyncGenerator<Uint8Array, void, undefined> {
    const { address, digest, signal, what } = wanted;
    const log = this.#log(wanted);
    const keeping = new Keeping(this.kept, nameOf(digest));
    try {
      const answer = await this.#ask(address, signal);
      if (answer.status !== 200) throw new WebError('refused', `${log.host} answers ${answer.status} to a request for ${what}.`);
      const digester = new Digester(digest.algorithm);
      let held: Uint8Array | undefined;
      for await (const piece of this.#pieces(answer, wanted, log)) {
        digester.take(piece);
        keeping.take(piece);
        if (held !== undefined) yield held;
        held = piece;
      }
      if (digester.end() !== digest.hex)
        throw new WebError('damaged', `${what} from ${log.host} is not what it should be: its ${digest.algorithm} is different.`);
      await keeping.end();
      if (held !== undefined) yield held;
      log.end();
    } catch (error) {
      log.fail(messageOf(error));
      throw error;
    } finally {
      // Also where nobody wants the rest.
      log.fail('It was interrupted.');
      keeping.drop();
    }
  }

  async #ask(address: string, signal: AbortSignal, accept?: string): Promise<WebAnswer> {
    const answer = this.web.get(address, { signal, ...(accept !== undefined && { accept }) });
    return this.#bounded(answer, hostOf(address));
  }

  async *#pieces(
    answer: WebAnswer,
    { address, signal, what }: WantedFile | WantedPage,
    log: TransferLog,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = answer.body[Symbol.asyncIterator]();
    log.totalBytes = answer.bytes;
    try {
      for (;;) {
        signal.throwIfAborted();
        const next = await this.#bounded(iterator.next(), log.host).catch((error: unknown) => {
          if (error instanceof WebError) throw error;
          throw new WebError('unreachable', `${hostOf(address)} stopped in the middle of ${what}.`, { cause: error });
        });
        if (next.done === true) return;
        log.take(next.value.length);
        yield next.value;
      }
    } finally {
      // Not awaited: a server that sends nothing would be waited for.
      void iterator.return?.().catch(() => undefined);
    }
  }

  async #bounded<T>(work: Promise<T>, host: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new WebError('silent', `${host} has sent nothing for ${Math.round(this.silenceMilliseconds / 1000)} seconds.`)),
        this.silenceMilliseconds,
      );
    });
    try {
      return await Promise.race([work, silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  #log({ address, what }: { readonly address: string; readonly what: string }): TransferLog {
    return new TransferLog(++this.#lastId, hostOf(address), what, transfer => this.#transfer.emit(transfer));
  }
}

/** Tells of one request as it goes on. */
class TransferLog {
  receivedBytes = 0;
  totalBytes: number | undefined;
  #isOver = false;
  #told = -Infinity;

  constructor(
    readonly id: number,
    readonly host: string,
    readonly what: string,
    readonly tell: (transfer: Transfer) => void,
  ) {
    this.#emit('running');
  }

  take(bytes: number): void {
    this.receivedBytes += bytes;
    if (performance.now() - this.#told >= TOLD_MILLISECONDS) this.#emit('running');
  }

  end(): void {
    if (!this.#isOver) this.#emit('done');
    this.#isOver = true;
  }

  fail(message: string): void {
    if (!this.#isOver) this.#emit('failed', message);
    this.#isOver = true;
  }

  #emit(state: Transfer['state'], message?: string): void {
    this.#told = performance.now();
    const { host, id, receivedBytes, totalBytes, what } = this;
    this.tell({ id, host, what, state, receivedBytes, totalBytes, ...(message !== undefined && { message }) });
  }
}

/** Keeps a file while it is handed on. What cannot be kept is handed on all the same. */
class Keeping {
  readonly #queue = new ByteQueue({ onAbandoned: () => undefined, onConsumed: () => undefined });
  readonly #done: Promise<void>;

  constructor(kept: KeptFiles, name: string) {
    this.#done = kept.keep(name, this.#queue);
    this.#done.catch(() => undefined);
  }

  take(piece: Uint8Array): void {
    this.#queue.push(piece);
  }

  /** The file is whole. */
  async end(): Promise<void> {
    this.#queue.end();
    await this.#done.catch(warnOfRoom);
  }

  drop(): void {
    this.#queue.fail(new Error('the file did not arrive whole'));
  }
}

function checkWhole(bytes: Uint8Array, { algorithm, hex }: FileDigest, { address, what }: WantedPage): void {
  const digester = new Digester(algorithm);
  digester.take(bytes);
  if (digester.end() !== hex)
    throw new WebError('damaged', `${what} from ${hostOf(address)} is not what it should be: its ${algorithm} is different.`);
}

/** Is the server out of reach, so that what is kept of it will do? */
function isGone(error: unknown): boolean {
  return error instanceof WebError && (error.kind === 'unreachable' || error.kind === 'silent' || error.kind === 'not-allowed');
}

function nameOf({ algorithm, hex }: FileDigest): string {
  return `${algorithm} ${hex}`;
}

function warnOfRoom(error: unknown): void {
  console.warn('what was fetched is not kept for later', messageOf(error));
}
