import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Pieces } from '../../../src/core/base/pieces.ts';
import type { ArtifactHost, ArtifactName } from '../../../src/core/sandbox/load/artifact-host.ts';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that do not repeat themselves, so that a piece at the wrong place is seen. */
export function someBytes(count: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16);
}

/** A site in memory, with real compressed blobs, that counts what is read and can be made to fail. */
export class MadeSite implements ArtifactHost {
  readonly blobs = new Map<string, Uint8Array>();
  readonly files = new Map<ArtifactName, string>();
  /** The blobs asked for, in order. */
  readonly asked: string[] = [];
  /** What reading the blob gives instead, once for each entry. */
  readonly faults = new Map<string, (Uint8Array | Error)[]>();

  readFile(name: ArtifactName): Promise<ArrayBuffer> {
    const text = this.files.get(name);
    if (text === undefined) return Promise.reject(new Error('the server answered 404'));
    return Promise.resolve(new TextEncoder().encode(text).buffer);
  }

  readBlob(name: string): Promise<Uint8Array> {
    this.asked.push(name);
    const fault = this.faults.get(name)?.shift();
    if (fault instanceof Error) return Promise.reject(fault);
    return Promise.resolve(fault ?? this.blobs.get(name)!);
  }

  /** Stores bytes in pieces. */
  store(bytes: Uint8Array, pieceBytes: number): Pieces {
    const pieces = [];
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const packed = new Uint8Array(execFileSync('zstd', ['-q', '-c'], { input: bytes.subarray(at, at + pieceBytes) }));
      this.blobs.set(sha256(packed), packed);
      pieces.push({ sha256: sha256(packed), bytes: packed.length });
    }
    return { bytes: bytes.length, pieceBytes, pieces };
  }
}
