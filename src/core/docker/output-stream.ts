import { SandboxError } from '../base/errors.ts';

/** A piece of what a program wrote. */
export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

const HEADER_BYTES = 8;
const streams = ['stdout', 'stdout', 'stderr'] as const;
/** In its place of a stream's number: what follows is the engine's own word for what went wrong. */
const ENGINE_ERROR = 3;

/**
 * Reads the engine's multiplexed stream: frames of one byte for the stream, three zeros, the length (big end first) and so many bytes; cut anywhere.
 * A frame's bytes are given as they come. Throws `docker-refused` for an error in the stream, and for one that is not of this kind or ends too early.
 */
export async function* readMultiplexed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece, void, undefined> {
  const header = new Uint8Array(HEADER_BYTES);
  let headerLength = 0;
  let left = 0;
  let error = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      if (left === 0) {
        header[headerLength++] = chunk[at++]!;
        if (headerLength < HEADER_BYTES) continue;
        left = payloadLength(header);
        headerLength = 0;
        continue;
      }
      const bytes = chunk.subarray(at, at + left);
      at += bytes.length;
      left -= bytes.length;
      if (header[0] !== ENGINE_ERROR) yield { stream: streams[header[0]!]!, bytes };
      else error += decoder.decode(bytes, { stream: true });
    }
  }
  if (error !== '') throw new SandboxError('docker-refused', `The Docker Engine refused: ${error.trim()}`);
  if (left > 0 || headerLength > 0) throw new SandboxError('docker-refused', 'The output of the container ended in the middle.');
}

function payloadLength(header: Uint8Array): number {
  const [stream, ...zeros] = header.subarray(0, 4);
  if (stream! > ENGINE_ERROR || zeros.some(zero => zero !== 0)) {
    throw new SandboxError('docker-refused', 'The Docker Engine sent output that cannot be read.');
  }
  return ((header[4]! << 24) | (header[5]! << 16) | (header[6]! << 8) | header[7]!) >>> 0;
}

/** Reads the output of a container that has a terminal: one stream of bytes. */
export async function* readRaw(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece, void, undefined> {
  for await (const bytes of chunks) yield { stream: 'stdout', bytes };
}
