import { piecesOf } from '../base/gzip.ts';
import { hostOf } from './upstream-settings.ts';

/** An answer of a server outside. */
export interface WebAnswer {
  readonly status: number;
  /** Its length, where the server tells it and the browser shows it. */
  readonly bytes: number | undefined;
  /** To be read once, or not at all. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The way out: a host's `fetch`. */
export interface Web {
  /** Asks for an address. Rejects with a WebError where no answer can be read. */
  get(address: string, options: { readonly accept?: string; readonly signal: AbortSignal }): Promise<WebAnswer>;
}

/** Why a server outside gave no answer that this page may read. The message is for the learner. */
export class WebError extends Error {
  constructor(
    readonly kind: 'unreachable' | 'not-allowed' | 'silent' | 'damaged' | 'refused' | 'cancelled',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'WebError';
  }
}

/** What is used of a host's `fetch`. */
export type Fetch = (
  address: string,
  options: {
    readonly signal: AbortSignal;
    readonly method?: 'GET' | 'HEAD';
    readonly mode?: 'cors' | 'no-cors';
    readonly cache: 'no-store';
    readonly credentials: 'omit';
    readonly referrerPolicy: 'no-referrer';
    readonly headers?: Record<string, string>;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}>;

/**
 * The way out by a host's fetch. A server that does not allow other sites (CORS) cannot be told from one that is not there by the error alone. So it
 * is asked once more in the mode in which a browser gives no answer away but says whether there was one. A server that only broke off once answers
 * that too, so before it is said to refuse this site it gets a second chance.
 */
export function createWeb(fetch: Fetch): Web {
  return {
    async get(address, { accept, signal }) {
      const common = { signal, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' } as const;
      const ask = async (): Promise<WebAnswer> =>
        answerOf(await fetch(address, { ...common, headers: accept === undefined ? {} : { Accept: accept } }));
      const isThere = async (): Promise<boolean> => {
        try {
          await fetch(address, { ...common, mode: 'no-cors', method: 'HEAD' });
          return true;
        } catch {
          return false;
        }
      };
      const errorOf = (kind: 'not-allowed' | 'unreachable', words: string, cause: unknown): WebError =>
        signal.aborted ? new WebError('cancelled', 'It was cancelled.', { cause }) : new WebError(kind, `${hostOf(address)} ${words}`, { cause });
      try {
        return await ask();
      } catch (error) {
        if (signal.aborted || !(await isThere())) throw errorOf('unreachable', 'cannot be reached.', error);
      }
      return ask().catch((error: unknown) => {
        throw errorOf('not-allowed', 'answers, but does not let this site read its answers (CORS).', error);
      });
    },
  };
}

function answerOf({ body, headers, status }: Awaited<ReturnType<Fetch>>): WebAnswer {
  const length = Number(headers.get('content-length') ?? Number.NaN);
  // Of an answer that was compressed on the way, the length is that of something else.
  const isPlain = headers.get('content-encoding') === null && Number.isFinite(length);
  return { status, bytes: isPlain ? length : undefined, body: body === null ? nothing() : piecesOf(body) };
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {
  yield* await Promise.resolve([]);
}
