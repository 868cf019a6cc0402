import { describe, expect, it } from 'vitest';
import { useOwnFrontend } from '../../../src/node/builder/own-frontend.ts';

const look = (jump: string) => Buffer.from(`8b44241c85c0${jump}a40200000fb644241889442444`, 'hex');
const around = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from('code before it'), ...parts, Buffer.from('and after')]);

describe("BuildKit's search for a syntax line", () => {
  it('always jumps to its end, and nothing else changes', () => {
    const program = around(look('0f85'));
    useOwnFrontend(program);
    expect(program).toEqual(around(look('90e9')));
  });

  it('is not touched in a program that does not have it, or has it twice', () => {
    const message = /not in this program exactly once/;
    expect(() => useOwnFrontend(around())).toThrow(message);
    expect(() => useOwnFrontend(around(look('0f85'), look('0f85')))).toThrow(message);
  });
});
