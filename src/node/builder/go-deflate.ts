/** The effort that a program written in Go makes to compress when nothing else is asked: what `docker push` does with each layer. */

/** No position is hashed more than the search needs: what levels 4 and above say. */
const SKIP_NEVER = 0x7fff_ffff;

/** Go's levels from 2 to 7: level, good, lazy, nice, chain, fastSkipHashing (`levels` in compress/flate/deflate.go, Go 1.24). */
const LEVELS = [
  [2, 4, 0, 16, 8, 5],
  [3, 4, 0, 32, 32, 6],
  [4, 4, 4, 16, 16, SKIP_NEVER],
  [5, 8, 16, 32, 32, SKIP_NEVER],
  [6, 8, 16, 128, 128, SKIP_NEVER],
  [7, 8, 32, 128, 256, SKIP_NEVER],
] as const;

const DEFAULT_LEVEL = 6;
const QUICK_LEVEL = 2;

const wordsOf = (numbers: readonly number[]): Buffer => Buffer.from(Int32Array.from(numbers).buffer);
const recordOf = (level: number): readonly number[] => LEVELS.find(([number]) => number === level)!;

/**
 * Has a 32-bit program use the search of level 2 where it asks for the default, level 6, which nothing lets be set. Changes `program`.
 * Throws when Go's table of levels is not in it exactly once.
 */
export function quickenDeflate(program: Buffer): void {
  const table = wordsOf(LEVELS.flat());
  const at = program.indexOf(table);
  if (at < 0 || program.includes(table, at + 1)) throw new Error("Go's table of compression levels is not in this program exactly once");
  const [, ...quick] = recordOf(QUICK_LEVEL);
  const entry = LEVELS.indexOf(recordOf(DEFAULT_LEVEL) as (typeof LEVELS)[number]);
  const recordBytes = table.length / LEVELS.length;
  wordsOf([DEFAULT_LEVEL, ...quick]).copy(program, at + entry * recordBytes);
}
