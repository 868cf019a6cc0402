import { joined } from '../core/base/bytes.ts';
import { messageOf } from '../core/base/errors.ts';
import type { ArtifactHost } from '../core/sandbox/artifact-host.ts';

/** A download of which nothing more arrives for this long is given up, and may be tried again. A slow one is not. */
const STALL_MILLISECONDS = 20_000;

/** Reads a whole file; rejects with what the server said, or when it falls silent. */
async function read(url: URL, cache: RequestCache, stallMilliseconds: number): Promise<Uint8Array<ArrayBuffer>> {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error(`nothing arrived for ${Math.ceil(stallMilliseconds / 1000)} s`));
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
    throw abort.signal.aborted ? new Error(messageOf(abort.signal.reason), { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** The site as the sandbox's source of bytes. Blobs are named after their content, so a cached one is as good as a new one. */
export function siteHost(baseUrl: string, stallMilliseconds = STALL_MILLISECONDS): ArtifactHost {
  const machine = new URL('machine/', baseUrl);
  return {
    async readFile(name, onBytes) {
      const bytes = await read(new URL(name, machine), 'no-cache', stallMilliseconds);
      onBytes(bytes.length);
      return bytes.buffer;
    },
    readBlob: (sha256, fresh) => read(new URL(`blobs/${sha256}.zst`, machine), fresh ? 'reload' : 'force-cache', stallMilliseconds),
  };
}
