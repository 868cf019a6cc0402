/** What one measurement gave, by the suffix of its unit: `s` for seconds, `instructions`, `compiled_bytes` and the like. */
export type Sample = Readonly<Record<string, number>>;

/** All that was measured, by flat key (`ps_warm_s`): each value in the order in which it was measured. */
export type Samples = Record<string, number[]>;

/** One key's values in short. */
export interface Summary {
  readonly median: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

/** Adds a sample below `name`: `ps_warm` with `{ s: 0.4 }` becomes `ps_warm_s`. */
export function addSample(samples: Samples, name: string, sample: Sample): void {
  for (const [unit, value] of Object.entries(sample)) (samples[`${name}_${unit}`] ??= []).push(value);
}

/** Adds what `from` holds to `into`. */
export function mergeSamples(into: Samples, from: Samples): void {
  for (const [key, values] of Object.entries(from)) (into[key] ??= []).push(...values);
}

export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('there is nothing to summarize');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, count: sorted.length, min: sorted[0]!, max: sorted.at(-1)! };
}
