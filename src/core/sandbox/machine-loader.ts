import { SandboxError, messageOf } from '../base/errors.ts';
import { MEMORY_BYTES } from '../machine/machine.ts';
import { PATCHED_V86_VERSION } from '../machine/jit-patch.ts';
import type { ArtifactHost } from './artifact-host.ts';
import type { BlobLoader } from './blob-loader.ts';
import { checkManifest, type MachineManifest } from './manifest.ts';

/** Pieces of the state fetched at once: browsers allow six requests to a host over HTTP/1.1. */
const PARALLEL = 6;

/** Called as bytes of the saved state arrive, in bytes as transferred. */
export type OnLoaded = (loadedBytes: number, totalBytes: number) => void;

/** Reads machine.json. Rejects with `download-failed` where it is not there, `snapshot-mismatch` where it is of another version. */
export async function loadManifest(host: ArtifactHost): Promise<MachineManifest> {
  let text: string;
  try {
    text = new TextDecoder().decode(new Uint8Array(await host.readFile('machine.json', () => undefined)));
  } catch (error) {
    throw new SandboxError('download-failed', `The description of the machine could not be downloaded: ${messageOf(error)}.`, { cause: error });
  }
  return checkManifest(JSON.parse(text));
}

/** Throws `snapshot-mismatch` when the saved state was made by another emulator than the page's. */
export function checkStateFits(manifest: MachineManifest): void {
  if (manifest.v86Version !== PATCHED_V86_VERSION || manifest.memoryBytes !== MEMORY_BYTES) {
    throw new SandboxError('snapshot-mismatch', `The saved state was made by another version of the emulator (${manifest.v86Version}).`);
  }
}

/** Downloads the saved state, several pieces at a time. `load` deals with pieces that do not arrive. */
export async function loadState(manifest: MachineManifest, load: BlobLoader['load'], onLoaded: OnLoaded): Promise<ArrayBuffer> {
  const { bytes, pieceBytes, pieces } = manifest.state;
  const total = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  const state = new Uint8Array(bytes);
  let next = 0;
  let loaded = 0;
  const work = async () => {
    for (let index = next++; index < pieces.length; index = next++) {
      const piece = pieces[index]!;
      const start = index * pieceBytes;
      state.set(await load(piece.sha256, Math.min(pieceBytes, bytes - start)), start);
      loaded += piece.bytes;
      onLoaded(loaded, total);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return state.buffer;
}
