import type { Outcome } from './run-tutorials.ts';
import { KINDS, type Kind } from './transcript.ts';

interface KindCount {
  readonly kind: Kind;
  readonly passed: number;
  readonly total: number;
}

/** How many passed, by kind, in the order of KINDS. */
export function countByKind(outcomes: readonly Outcome[]): readonly KindCount[] {
  return KINDS.flatMap(kind => {
    const own = outcomes.filter(one => one.kind === kind);
    return own.length === 0 ? [] : [{ kind, passed: own.filter(one => !one.failure).length, total: own.length }];
  });
}

/** One transcript, as it is told when it has ended. */
export function outcomeLine({ name, kind, seconds, instructions, failure }: Outcome): string {
  const cost = `${seconds.toFixed(1)} s, ${instructions} million instructions`;
  return failure ? `FAIL ${kind}: ${name} (${cost})\n${failureText(failure)}` : `ok   ${kind}: ${name} (${cost})`;
}

/** The table by kind, what failed and why, and how many passed. */
export function tutorialReport(outcomes: readonly Outcome[]): string {
  const counts = countByKind(outcomes);
  const width = Math.max(...counts.map(({ kind }) => kind.length));
  const table = counts.map(({ kind, passed, total }) => `${kind.padEnd(width)}  ${String(passed).padStart(3)} of ${String(total).padStart(3)}`);
  const failed = outcomes.flatMap(({ kind, name, failure }) => (failure ? [`${kind}: ${name}\n${failureText(failure)}`] : []));
  const passed = outcomes.length - failed.length;
  const share = outcomes.length === 0 ? 0 : Math.floor((100 * passed) / outcomes.length);
  return [...table, ...(failed.length > 0 ? ['', ...failed] : []), '', `${passed} of ${outcomes.length} pass (${share} %)`].join('\n');
}

/** For a file. */
export function tutorialJson(outcomes: readonly Outcome[]): string {
  const passed = outcomes.filter(one => !one.failure).length;
  return `${JSON.stringify({ passed, total: outcomes.length, kinds: countByKind(outcomes), transcripts: outcomes }, undefined, 2)}\n`;
}

function failureText({ step, line, why }: NonNullable<Outcome['failure']>): string {
  return `  step ${step}: ${line}\n  ${why.replace(/\n/g, '\n    ')}`;
}
