import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ArtifactHost } from '../../../src/core/sandbox/load/artifact-host.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { ChunkSource } from '../../../src/core/sandbox/load/chunk-source.ts';
import { checkManifest, expandChunks, packChunks } from '../../../src/core/sandbox/load/manifest.ts';

const content = Uint8Array.from({ length: 4096 }, (_, index) => (index * index) & 255);
const packed = new Uint8Array(execFileSync('zstd', ['-q', '-c'], { input: content }));
const sha256 = createHash('sha256').update(packed).digest('hex');

function hostOf(answers: (() => Uint8Array)[], calls: boolean[] = []): ArtifactHost {
  return {
    readFile: () => Promise.reject(new Error('no files here')),
    readBlob: (_name, fresh) => {
      calls.push(fresh);
      return Promise.resolve((answers.shift() ?? (() => packed))());
    },
  };
}

const damaged = () => packed.map((byte, index) => (index === 20 ? byte ^ 1 : byte));
const gone = () => {
  throw new Error('the server answered 404');
};

describe('loading blobs', () => {
  test('a good blob is unpacked', async () => {
    expect(await new BlobLoader(hostOf([])).load(sha256, content.length)).toEqual(content);
  });

  test('a damaged or missing one is read again, past the caches', async () => {
    const calls: boolean[] = [];
    expect(await new BlobLoader(hostOf([damaged, gone], calls)).load(sha256, content.length)).toEqual(content);
    expect(calls).toEqual([false, true, true]);
  });

  test('one that stays damaged is refused by name', async () => {
    const loader = new BlobLoader(hostOf([damaged, damaged, damaged, damaged]));
    await expect(loader.load(sha256, content.length)).rejects.toMatchObject({
      code: 'download-damaged',
      message: expect.stringContaining(sha256.slice(0, 12)),
    });
  });

  test('one that stays away is refused with the reason', async () => {
    const loader = new BlobLoader(hostOf([gone, gone, gone, gone]));
    await expect(loader.load(sha256, content.length)).rejects.toMatchObject({ code: 'download-failed', message: expect.stringContaining('404') });
  });
});

describe('a stream in pieces', () => {
  // Half of it noise, which stays as long as it is, half of it text that becomes nearly nothing.
  const noise = new Uint8Array(execFileSync('head', ['-c', '3000000', '/dev/urandom'], { maxBuffer: 4_000_000 }));
  const whole = Buffer.concat([noise, Buffer.alloc(3_000_000, 'drydock '), noise]);
  const stream = new Uint8Array(execFileSync('zstd', ['-q', '--long=25', '-c'], { input: whole, maxBuffer: 10_000_000 }));

  async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  }

  async function unpacked(bytes: Uint8Array, pieceBytes = 1024 * 1024): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of new BlobLoader(hostOf([])).unpack(cut(bytes, pieceBytes))) parts.push(part);
    return Buffer.concat(parts);
  }

  test('is unpacked piece by piece', async () => {
    expect((await unpacked(stream)).equals(whole)).toBe(true);
    expect((await unpacked(stream, 400_000)).equals(whole)).toBe(true);
  });

  test('that is cut short or damaged is refused', async () => {
    await expect(unpacked(stream.subarray(0, stream.length - 500_000))).rejects.toMatchObject({ code: 'download-damaged' });
    const other = stream.slice();
    other.fill(0, 10, 40);
    await expect(unpacked(other)).rejects.toMatchObject({ code: 'download-damaged' });
  });
});

describe('the disk as chunks', () => {
  test('runs of zero chunks are packed and unpacked', () => {
    const hashes = ['', '', 'aa', 'bb', '', 'cc', '', ''];
    expect(packChunks(hashes)).toBe('-2 aa bb -1 cc -2');
    expect(expandChunks({ bytes: 0, chunkBytes: 1, chunks: packChunks(hashes) })).toEqual(hashes);
  });

  test('zero chunks are not read, others once', async () => {
    const calls: boolean[] = [];
    const source = new ChunkSource({ bytes: 2 * 4096, chunkBytes: 4096, chunks: `-1 ${sha256}` }, new BlobLoader(hostOf([], calls)));
    expect(await source.readChunk(0)).toEqual(new Uint8Array(4096));
    expect(await source.readChunk(1)).toEqual(content);
    expect(await source.readChunk(1)).toEqual(content);
    expect(calls.length).toBe(1);
  });

  test('a chunk that failed is asked for again', async () => {
    const source = new ChunkSource({ bytes: 4096, chunkBytes: 4096, chunks: sha256 }, new BlobLoader(hostOf([gone, gone, gone, gone])));
    await expect(source.readChunk(0)).rejects.toMatchObject({ code: 'download-failed' });
    expect(await source.readChunk(0)).toEqual(content);
  });
});

test('a manifest of another format is refused in plain words', () => {
  expect(() => checkManifest({ format: 999 })).toThrow(/another version/);
  expect(() => checkManifest(null)).toThrow(/another version/);
});
