import { relative } from 'node:path';

/** A file of tests as vitest's JSON report has it; times in milliseconds since 1970. */
export interface TestedFile {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly unknown[];
}

/** The files that took longest from their first test to their last, a line each, the slowest first; their names as seen from `folder`. */
export function slowestFiles(files: readonly TestedFile[], count: number, folder: string): readonly string[] {
  return files
    .map(({ name, startTime, endTime, assertionResults }) => ({
      name: relative(folder, name),
      seconds: (endTime - startTime) / 1000,
      assertionResults,
    }))
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, count)
    .map(({ name, seconds, assertionResults }) => `  ${seconds.toFixed(0).padStart(5)} s  ${name} (${assertionResults.length} tests)`);
}
