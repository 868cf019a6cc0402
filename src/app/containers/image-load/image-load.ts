import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import type { DockerClient } from '../../../core/docker/docker-client.ts';
import { problemOf, readImageArchive, type ImageArchive } from '../../../core/docker/image-archive.ts';
import { PACKING_BYTES, packingOf, unpackedPieces } from '../../../core/base/packed-file.ts';

/** A file that holds images, looked through. */
export interface FoundImages {
  readonly file: File;
  readonly archive: ImageArchive;
  /** Why nothing of it can be loaded, as a sentence. */
  readonly problem: string | undefined;
}

/** Looks through a file; undefined if it is not an image archive. `onBytes` gets how much of it has been read. Throws a sentence if it is damaged. */
export async function findImages(file: File, onBytes: (bytes: number) => void): Promise<FoundImages | undefined> {
  const archive = await readImageArchive(await piecesOf(file, onBytes), nameOf(file.name));
  return archive === undefined ? undefined : { file, archive, problem: problemOf(archive) };
}

/**
 * Gives the images to the engine; resolves with the engine's names for them. `onBytes` gets how much of the file the engine has.
 * Throws a sentence where it refuses them, and `cancelled` when the signal aborts.
 */
export async function loadImages(
  { file, archive }: FoundImages,
  client: DockerClient,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const loaded: string[] = [];
  try {
    for await (const name of client.loadImages(joined(archive.prefix, await piecesOf(file, onBytes)), signal)) loaded.push(name);
  } catch (error) {
    if (signal.aborted) throw new SandboxError('cancelled', 'Loading was cancelled.');
    throw isFull(error) ? new SandboxError('docker-refused', NO_ROOM, { cause: error }) : error;
  }
  return loaded;
}

const NO_ROOM = 'The machine’s disk has no room for it. Remove what you do not need (docker system prune -a), then load it again.';

function isFull(error: unknown): boolean {
  return /no space left on device/.test(messageOf(error));
}

async function piecesOf(file: File, onBytes: (bytes: number) => void): Promise<AsyncIterable<Uint8Array>> {
  const head = new Uint8Array(await file.slice(0, PACKING_BYTES).arrayBuffer());
  return unpackedPieces(file, packingOf(head), onBytes);
}

async function* joined(prefix: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (prefix.length > 0) yield prefix;
  yield* pieces;
}

/** What an image is called that has no name of its own: after its file. */
function nameOf(fileName: string): string {
  const base = fileName.replace(/\.(tar|tgz|tar\.(gz|zst))$/i, '').toLowerCase();
  return `${base.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'image'}:latest`;
}
