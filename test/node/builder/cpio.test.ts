import { expect, test } from 'vitest';
import { packCpio } from '../../../src/node/builder/cpio.ts';

/** Reads an archive as the kernel does (init/initramfs.c): heads and contents at multiples of four, up to the trailer. */
function read(archive: Buffer): { name: string; mode: number; content: string; device: [number, number] }[] {
  const entries = [];
  for (let at = 0; ;) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number => parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [size, nameSize] = [field(6), field(11)];
    const name = archive.toString('latin1', at + 110, at + 110 + nameSize - 1);
    const start = (at + 110 + nameSize + 3) & ~3;
    if (name === 'TRAILER!!!') return entries;
    entries.push({
      name,
      mode: field(1),
      content: archive.toString('latin1', start, start + size),
      device: [field(9), field(10)] as [number, number],
    });
    at = (start + size + 3) & ~3;
  }
}

test('every kind of entry can be read back', () => {
  const archive = packCpio([
    { kind: 'folder', path: 'dev', mode: 0o755 },
    { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'init', mode: 0o755, content: Buffer.from('#!x\n1') },
    { kind: 'link', path: 'bin', target: 'usr/bin' },
  ]);
  expect(archive.length % 4).toBe(0);
  expect(read(archive)).toEqual([
    { name: 'dev', mode: 0o040755, content: '', device: [0, 0] },
    { name: 'dev/console', mode: 0o020600, content: '', device: [5, 1] },
    { name: 'init', mode: 0o100755, content: '#!x\n1', device: [0, 0] },
    { name: 'bin', mode: 0o120777, content: 'usr/bin', device: [0, 0] },
  ]);
});
