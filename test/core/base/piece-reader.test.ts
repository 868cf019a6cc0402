import { describe, expect, test } from 'vitest';
import { readPieces, type LoadPiece } from '../../../src/core/base/piece-reader.ts';

const content = Uint8Array.from({ length: 23 }, (_, index) => index);
const pieces = { bytes: 23, pieceBytes: 5, pieces: ['a', 'b', 'c', 'd', 'e'].map(sha256 => ({ sha256, bytes: 1 })) };

/** Loads from `content` and notes what it was asked for. */
function loader(asked: string[]): LoadPiece {
  return (name, bytes) => {
    asked.push(name);
    const start = 'abcde'.indexOf(name) * 5;
    expect(bytes).toBe(Math.min(5, 23 - start));
    return Promise.resolve(content.subarray(start, start + bytes));
  };
}

describe('what is stored in pieces', () => {
  test('is read from any offset to any other, and no piece outside is loaded', async () => {
    for (let start = 0; start <= 23; start++) {
      for (let end = start; end <= 23; end++) {
        const [asked, read]: [string[], number[]] = [[], []];
        for await (const bytes of readPieces(pieces, loader(asked), start, end)) read.push(...bytes);
        expect(read).toEqual([...content.subarray(start, end)]);
        expect(asked.join('')).toBe(start === end ? '' : 'abcde'.slice(Math.floor(start / 5), Math.ceil(end / 5)));
      }
    }
  });

  test('is loaded one piece ahead, not more', async () => {
    const asked: string[] = [];
    const reading = readPieces(pieces, loader(asked));
    for (const ahead of ['ab', 'abc', 'abcd', 'abcde', 'abcde']) {
      await reading.next();
      expect(asked.join('')).toBe(ahead);
    }
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  test('fails where a piece cannot be had, after what came before; one that nobody waits for fails alone', async () => {
    const load: LoadPiece = (name, bytes) => (name === 'b' ? Promise.reject(new Error('no b')) : Promise.resolve(new Uint8Array(bytes)));
    const reading = readPieces(pieces, load);
    expect((await reading.next()).value?.length).toBe(5);
    await expect(reading.next()).rejects.toThrow('no b');
    const left = readPieces(pieces, load);
    await left.next();
    await left.return();
  });

  test('may be empty', async () => {
    for await (const bytes of readPieces({ bytes: 0, pieceBytes: 5, pieces: [] }, () => expect.unreachable())) expect.unreachable(String(bytes));
  });
});
