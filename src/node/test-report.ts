import { relative } from 'node:path';

/** A test as vitest's JSON report has it. */
export interface TestedCase {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

/** A file of tests as vitest's JSON report has it; times in milliseconds since 1970. */
export interface TestedFile {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly TestedCase[];
  /** Of the file itself: `failed` also where it could not be loaded. */
  readonly status: string;
  /** Why it could not be loaded. */
  readonly message?: string;
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

const MOST_LINES = 12;

/** Each test that failed, with its file and the first lines of why; also a file that failed without a test. A log that was cut keeps its end. */
export function failedTests(files: readonly TestedFile[], folder: string): readonly string[] {
  return files.flatMap(({ assertionResults, message, name, status }) => {
    const file = relative(folder, name);
    const failed = assertionResults.filter(one => one.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [`  ${file}\n${firstLines(message)}`];
    return failed.map(({ failureMessages, fullName }) => `  ${file}: ${fullName}\n${firstLines(failureMessages?.join('\n'))}`);
  });
}

function firstLines(text = 'It says nothing of why.'): string {
  return text
    .split('\n')
    .slice(0, MOST_LINES)
    .map(line => `    ${line}`)
    .join('\n');
}
