import { joined } from '../core/base/bytes.ts';
import { messageOf } from '../core/base/errors.ts';

/** A download of which nothing more arrives for this long is given up, and may be tried again. A slow one is not. */
export const STALL_MILLISECONDS = 20_000;

export interface ReadOptions {
  readonly cache: RequestCache;
  readonly stallMilliseconds?: number;
  /** Breaks off: the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Reads a whole file; rejects with what the server said, or when it falls silent. */
export async function readWhole(
  url: string,
  { cache, signal, stallMilliseconds = STALL_MILLISECONDS }: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error(`nothing arrived for ${Math.ceil(stallMilliseconds / 1000)} s`));
  const breakOff = () => abort.abort(signal?.reason);
  signal?.addEventListener('abort', breakOff);
  let timer = setTimeout(giveUp, stallMilliseconds);
  try {
    const answer = await fetch(url, { cache, signal: abort.signal });
    if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`.trimEnd());
    const pieces: Uint8Array[] = [];
    const reader = answer.body!.getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      pieces.push(piece.value);
      clearTimeout(timer);
      timer = setTimeout(giveUp, stallMilliseconds);
    }
    return joined(...pieces);
  } catch (error) {
    // Some browsers report the abort itself instead of its reason.
    if (abort.signal.aborted) throw new Error(messageOf(abort.signal.reason), { cause: error });
    // What `fetch` itself says of a network that is not there differs between browsers, and is for developers.
    throw error instanceof TypeError ? new Error(unreachable(), { cause: error }) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', breakOff);
  }
}

function unreachable(): string {
  return navigator.onLine === false ? 'there is no network' : 'the site cannot be reached';
}
