import { expect, test } from 'vitest';
import { growthOf, growthTable } from '../../../src/node/soak/growth.ts';

const MIB = 1024 * 1024;
const reading = (containers: number, renderer: number): { seconds: number; containers: number; counters: Record<string, number> } => ({
  seconds: containers,
  containers,
  counters: { renderer_bytes: renderer * MIB, workers: 3 },
});

test('growth counts in the second half alone: what a program takes once is no growth', () => {
  const readings = [reading(10, 100), reading(100, 500), reading(200, 510), reading(300, 520)];
  const [renderer, workers] = growthOf(readings);
  expect(renderer).toMatchObject({ name: 'renderer_bytes', first: 100 * MIB, middle: 510 * MIB, last: 520 * MIB });
  expect(renderer!.perHundred / MIB).toBeCloseTo(10);
  expect(workers!.perHundred).toBe(0);
  expect(growthTable([renderer!])).toMatch(/renderer_bytes +100\.0 MiB +510\.0 MiB +520\.0 MiB +10\.0 MiB/);
});

test('one reading tells no growth', () => {
  expect(() => growthOf([reading(1, 1)])).toThrow(RangeError);
});
