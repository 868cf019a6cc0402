import { describe, expect, it } from 'vitest';
import { quickenDeflate } from '../../../src/node/builder/go-deflate.ts';

const NEVER = 0x7fff_ffff;
const BEFORE = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 4, 0, 16, 8, 5, 3, 4, 0, 32, 32, 6, 4, 4, 4, 16, 16, NEVER];
const AFTER = [5, 8, 16, 32, 32, NEVER, 6, 8, 16, 128, 128, NEVER, 7, 8, 32, 128, 256, NEVER, 8, 32, 128, 258, 1024, NEVER];
const table = (): Buffer => Buffer.from(Int32Array.from([...BEFORE, ...AFTER]).buffer);
const around = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from('code before it'), ...parts, Buffer.from('and after')]);

describe('the effort of a program in Go to compress', () => {
  it('becomes that of level 2 where it was that of level 6, and nothing else changes', () => {
    const program = around(table());
    quickenDeflate(program);
    const [changed, text] = [Int32Array.from([...BEFORE, ...AFTER]), 'code before it'.length];
    changed.set([6, 4, 0, 16, 8, 5], BEFORE.length + 6);
    expect(program.subarray(text, text + changed.byteLength)).toEqual(Buffer.from(changed.buffer));
    expect(program.length).toBe(around(table()).length);
    expect(program.toString('latin1')).toMatch(/^code before it[^]*and after$/);
  });

  it('is not touched in a program that does not have the table, or has it twice', () => {
    const message = /not in this program exactly once/;
    expect(() => quickenDeflate(around())).toThrow(message);
    expect(() => quickenDeflate(around(table(), table()))).toThrow(message);
  });
});
