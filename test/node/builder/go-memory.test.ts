import { describe, expect, it } from 'vitest';
import { findMemoryLimit, variableAreas } from '../../../src/node/builder/go-memory.ts';

const LIMIT = 64 * 1024 ** 2;
const controller = (percent: number, limit: number): Buffer => {
  const bytes = Buffer.alloc(24, 0);
  bytes.writeInt32LE(percent, 0);
  bytes.writeBigInt64LE(BigInt(limit), 8);
  return bytes;
};
const before = Buffer.from('variables');

describe('the memory limit of a program in Go', () => {
  it('is found behind the percentage that says that garbage is not collected', () => {
    expect(findMemoryLimit(Buffer.concat([before, controller(-1, LIMIT)]), LIMIT)).toBe(before.length + 8);
  });

  it('is not found where the percentage or the limit is another, or where it is there twice', () => {
    expect(findMemoryLimit(controller(100, LIMIT), LIMIT)).toBeUndefined();
    expect(findMemoryLimit(controller(-1, LIMIT + 1), LIMIT)).toBeUndefined();
    expect(findMemoryLimit(Buffer.concat([controller(-1, LIMIT), controller(-1, LIMIT)]), LIMIT)).toBeUndefined();
  });

  it('is looked for in what the program may write of its own file and right behind it, not in its heap', () => {
    const maps = `08048000-082a5000 r--p 00000000 08:00 828        /usr/sbin/dockerd
0be61000-0bf53000 rw-p 03e18000 08:00 828        /usr/sbin/dockerd
0bf53000-0bf82000 rw-p 00000000 00:00 0
0c0f1000-0c112000 rw-p 00000000 00:00 0          [heap]
d4a00000-d4c00000 rw-p 00000000 00:00 0
f7f00000-f7f02000 rw-p 00200000 08:00 99         /usr/lib/i386-linux-gnu/libc.so.6
f7f02000-f7f0c000 rw-p 00000000 00:00 0
`;
    expect(variableAreas(maps, 'dockerd')).toEqual([
      { start: 0x0be61000, end: 0x0bf53000 },
      { start: 0x0bf53000, end: 0x0bf82000 },
    ]);
  });
});
