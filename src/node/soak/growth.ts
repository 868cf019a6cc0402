import type { Counters } from './counters.ts';

/** All counters at one moment of a long visit. */
export interface Reading {
  /** Since the prompt. */
  readonly seconds: number;
  readonly containers: number;
  readonly counters: Counters;
}

/** How one counter went. */
export interface Growth {
  readonly name: string;
  /** After the first round; at half the containers; at the end. */
  readonly first: number;
  readonly middle: number;
  readonly last: number;
  /** What a hundred containers added in the second half, by a straight line through its readings. */
  readonly perHundred: number;
}

const HUNDRED = 100;

/** The slope of the straight line with the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const meanOf = (pick: 0 | 1): number => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [meanOf(0), meanOf(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

/** How each counter went. Throws a RangeError for fewer than two readings. */
export function growthOf(readings: readonly Reading[]): Growth[] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || readings.length < 2) throw new RangeError('growth takes at least two readings');
  const half = readings.filter(({ containers }) => containers >= (first.containers + last.containers) / 2);
  return Object.keys(last.counters).map(name => {
    const points = half.map(({ containers, counters }) => [containers, counters[name] ?? NaN] as const);
    return {
      name,
      first: first.counters[name] ?? NaN,
      middle: half[0]!.counters[name] ?? NaN,
      last: last.counters[name] ?? NaN,
      perHundred: HUNDRED * slope(points),
    };
  });
}

const MIB = 1024 * 1024;

function shown(name: string, value: number): string {
  return name.endsWith('_bytes') ? `${(value / MIB).toFixed(1)} MiB` : value.toFixed(1);
}

/** The table that `npm run soak` prints. */
export function growthTable(growths: readonly Growth[]): string {
  const rows = growths.map(({ name, first, middle, last, perHundred }) => [
    name,
    ...[first, middle, last, perHundred].map(value => shown(name, value)),
  ]);
  const table = [['counter', 'first', 'middle', 'last', 'per 100 containers'], ...rows];
  return table.map(([name, ...cells]) => `${name!.padEnd(24)}${cells.map(cell => cell.padStart(20)).join('')}`).join('\n');
}
