import { SandboxError, messageOf } from '../../base/errors.ts';
import { loadAhead } from '../../base/load-ahead.ts';
import type { Blob, Pieces } from '../../base/pieces.ts';
import { MEMORY_BYTES, type CompiledModule, type Machine } from '../../machine/machine.ts';
import { PATCHED_V86_VERSION } from '../../machine/jit-patch.ts';
import type { ArtifactHost } from './artifact-host.ts';
import type { BlobLoader } from './blob-loader.ts';
import { checkManifest, type MachineManifest, type SavedState, type StateIndex } from './manifest.ts';

/** Pieces of the state fetched at once: browsers allow six requests to a host over HTTP/1.1. */
const PARALLEL = 6;

/** Called as bytes of the saved state arrive, in bytes as transferred. */
export type OnLoaded = (loadedBytes: number, totalBytes: number) => void;

/** How what the site serves is read: by a loader that deals with what does not arrive. */
export type Loading = Pick<BlobLoader, 'load' | 'loadPacked' | 'unpack'>;

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

/** The parts of a saved machine that have to be there before it can be made. */
export async function loadStateHead({ index, devices }: SavedState, loading: Loading): Promise<{ index: StateIndex; devices: ArrayBuffer }> {
  const [json, bytes] = await Promise.all([loadWhole(index, loading), loadWhole(devices, loading)]);
  return { index: JSON.parse(new TextDecoder().decode(json)) as StateIndex, devices: bytes.buffer };
}

/** Downloads memory and code into a machine that was made for them, several pieces at a time. */
export async function loadStateBody(state: SavedState, index: StateIndex, machine: Machine, loading: Loading, onLoaded: OnLoaded): Promise<void> {
  const total = sizeOf(state.pages) + sizeOf(state.code);
  let loaded = 0;
  const onPiece = (packedBytes: number) => onLoaded((loaded += packedBytes), total);
  const code = new Uint8Array(state.code.bytes);
  await Promise.all([
    loadPieces(state.code, loading, (start, piece) => code.set(piece, start), onPiece),
    restorePages(state.pages.pieces, machine, loading, onPiece),
  ]);
  machine.finishRestore(splitModules(code, index));
}

async function restorePages(pieces: readonly Blob[], machine: Machine, loading: Loading, onPiece: (packedBytes: number) => void): Promise<void> {
  const packed = loadAhead(pieces, PARALLEL, async ({ sha256 }) => {
    const bytes = await loading.loadPacked(sha256);
    onPiece(bytes.length);
    return bytes;
  });
  let at = 0;
  for await (const piece of loading.unpack(packed)) {
    machine.restorePages(at, piece);
    at += piece.length;
  }
}

/** Size as transferred, in bytes. */
function sizeOf({ pieces }: { readonly pieces: readonly Blob[] }): number {
  return pieces.reduce((sum, piece) => sum + piece.bytes, 0);
}

async function loadWhole(parts: Pieces, loading: Loading): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.bytes);
  await loadPieces(parts, loading, (start, piece) => whole.set(piece, start));
  return whole;
}

async function loadPieces(
  { bytes, pieceBytes, pieces }: Pieces,
  loading: Loading,
  take: (start: number, piece: Uint8Array) => void,
  onPiece: (packedBytes: number) => void = () => undefined,
): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let index = next++; index < pieces.length; index = next++) {
      const piece = pieces[index]!;
      const start = index * pieceBytes;
      take(start, await loading.load(piece.sha256, Math.min(pieceBytes, bytes - start)));
      onPiece(piece.bytes);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}

function splitModules(code: Uint8Array<ArrayBuffer>, { modules }: StateIndex): CompiledModule[] {
  let at = 0;
  return modules.map(([slot, address, bytes]) => ({ slot, address, code: code.subarray(at, (at += bytes)) }));
}
