import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuestArchiveError } from './guest-archive-error.ts';
import { fileSource, type ByteSource } from './byte-source.ts';

/** How long a server may send nothing. In milliseconds. */
const SILENCE_MILLISECONDS = 30_000;
const ATTEMPTS = 3;
/** Between two attempts, as a part of the time that a server may be silent. */
const PAUSE = 1 / 15;
const WHAT_TO_DO = 'Try again, name another address or file, or unset DRYDOCK_GUEST to build the guest from source.';

/** Where an archive from an address is kept, and how far it has come is told. */
export interface HttpOptions {
  /** A file for the whole archive, where the server cannot give parts of it. */
  readonly downloadFile: string;
  readonly silenceMilliseconds?: number;
  onProgress(message: string): void;
}

interface Answer {
  readonly response: Response;
  /** Its pieces; ends with an error where none comes for too long. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { code, message: deeper } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? deeper ?? message;
}

/** Asks for a part of a file, or for all of it. */
async function ask(address: string, range: string | undefined, silence: number): Promise<Answer> {
  const stop = new AbortController();
  const tooLong = (): void => stop.abort(new Error(`no answer for ${silence / 1000} s`));
  let timer = setTimeout(tooLong, silence);
  const headers = { 'accept-encoding': 'identity', ...(range !== undefined && { range: `bytes=${range}` }) };
  try {
    const response = await fetch(address, { headers, signal: stop.signal });
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      try {
        if (!response.body) return;
        for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
          clearTimeout(timer);
          yield piece;
          timer = setTimeout(tooLong, silence);
        }
      } finally {
        clearTimeout(timer);
        stop.abort();
      }
    };
    if (!response.ok) stop.abort();
    if (!response.ok) clearTimeout(timer);
    return { response, pieces: pieces() };
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

function refusal(address: string, { status, statusText }: Response): GuestArchiveError {
  return new GuestArchiveError(`${address} answers with HTTP ${status} ${statusText}: the guest archive is not there.`, WHAT_TO_DO);
}

/** The size of the whole file, from `Content-Range: bytes 0-0/1234` (RFC 9110, section 14.4). */
function sizeOf(response: Response): number | undefined {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

/** An archive at an address: parts of it where the server gives parts (RFC 9110, section 14), else the whole, which is kept in a file meanwhile. */
export async function httpSource(address: string, options: HttpOptions): Promise<ByteSource> {
  const silence = options.silenceMilliseconds ?? SILENCE_MILLISECONDS;
  const { answer, size } = await withAttempts(address, options, async () => {
    const found = await ask(address, '0-0', silence);
    const total = found.response.status === 206 ? sizeOf(found.response) : undefined;
    // Of the one byte that was asked for, its arrival matters.
    if (total !== undefined) for await (const piece of found.pieces) void piece;
    return { answer: found, size: total };
  });
  if (!answer.response.ok) throw refusal(address, answer.response);
  if (size === undefined) return wholeSource(address, options, answer);
  return {
    name: address,
    size,
    read: (from, to) => readParts(address, from, to, { ...options, silenceMilliseconds: silence }),
    close: () => Promise.resolve(),
  };
}

/** Does something again where the connection failed; rejects with what to do when it failed too often. */
async function withAttempts<T>(
  address: string,
  { onProgress, silenceMilliseconds: silence = SILENCE_MILLISECONDS }: HttpOptions,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (error instanceof GuestArchiveError) throw error;
      if (attempt === ATTEMPTS) throw new GuestArchiveError(`${address} does not answer (${reasonOf(error)}), tried ${ATTEMPTS} times.`, WHAT_TO_DO);
      onProgress(`${address}: ${reasonOf(error)}; trying again`);
      await sleep(silence * PAUSE);
    }
  }
}

/** Goes on where a connection broke, with new attempts whenever something has arrived. */
async function* readParts(address: string, from: number, to: number, options: HttpOptions): AsyncGenerator<Uint8Array> {
  let at = from;
  let failures = 0;
  while (at < to) {
    try {
      const { response, pieces } = await ask(address, `${at}-${to - 1}`, options.silenceMilliseconds ?? SILENCE_MILLISECONDS);
      if (response.status !== 206) throw refusal(address, response);
      for await (const piece of pieces) {
        at += piece.length;
        failures = 0;
        yield piece;
      }
      if (at < to) throw new Error('the connection was closed');
    } catch (error) {
      if (error instanceof GuestArchiveError) throw error;
      failures += 1;
      const place = `after ${(at / 1e6).toFixed(0)} MB`;
      if (failures === ATTEMPTS)
        throw new GuestArchiveError(`${address} stopped sending ${place} (${reasonOf(error)}), tried ${ATTEMPTS} times.`, WHAT_TO_DO);
      options.onProgress(`${address} stopped sending ${place} (${reasonOf(error)}); trying again`);
      await sleep((options.silenceMilliseconds ?? SILENCE_MILLISECONDS) * PAUSE);
    }
  }
}

/** Downloads the whole archive into a file, which is removed when the source is closed. */
async function wholeSource(address: string, options: HttpOptions, first: Answer): Promise<ByteSource> {
  const file = options.downloadFile;
  await mkdir(dirname(file), { recursive: true });
  const remove = (): Promise<void> => rm(file, { force: true });
  options.onProgress('the server does not give parts of a file: the whole archive is downloaded');
  try {
    await withAttempts(address, options, async attempt => {
      const { response, pieces } = attempt === 1 ? first : await ask(address, undefined, options.silenceMilliseconds ?? SILENCE_MILLISECONDS);
      if (!response.ok) throw refusal(address, response);
      const expected = Number(response.headers.get('content-length') ?? 0);
      await pipeline(counted(pieces, expected, options), createWriteStream(file));
    });
    const source = await fileSource(file);
    return { ...source, name: address, close: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const TELL_EVERY_MILLISECONDS = 5000;

async function* counted(pieces: AsyncIterable<Uint8Array>, expected: number, { onProgress }: HttpOptions): AsyncGenerator<Uint8Array> {
  let arrived = 0;
  let told = Date.now();
  for await (const piece of pieces) {
    arrived += piece.length;
    if (Date.now() - told > TELL_EVERY_MILLISECONDS) {
      told = Date.now();
      onProgress(`${(arrived / 1e6).toFixed(0)} of ${expected > 0 ? (expected / 1e6).toFixed(0) : '?'} MB downloaded`);
    }
    yield piece;
  }
  if (arrived < expected) throw new Error('the connection was closed');
}
