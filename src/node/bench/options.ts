import { parseArgs } from 'node:util';

export const hostNames = ['chromium', 'node', 'qemu'] as const;
export type HostName = (typeof hostNames)[number];

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  readonly hosts: readonly HostName[];
  /** Measured repetitions of each warm command. */
  readonly runs: number;
  /** How often page and sandbox are opened anew for the first commands. */
  readonly sessions: number;
  /** Under Node; the page always has the browser's. */
  readonly policy: 'browser' | 'eager';
  /** As on a weak computer: one core, and a slowed page. */
  readonly isWeak: boolean;
}

export const usage = `npm run bench -- [options]
  --only HOST      measure only there: ${hostNames.join(', ')} (may be given more than once)
  --runs N         measured repetitions of each warm command (5)
  --sessions N     how often the page and the sandbox are opened for the first commands (3)
  --policy P       how the sandbox under Node compiles: browser (as the page does) or eager (browser)
  --weak           as on a weak computer: everything on one core, and the page slowed four times`;

function count(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 up, not "${text}"`);
  return value;
}

/** Reads the command line; throws with a sentence for the person who typed it. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string', default: '5' },
      sessions: { type: 'string', default: '3' },
      policy: { type: 'string', default: 'browser' },
      weak: { type: 'boolean', default: false },
    },
  });
  const unknown = values.only.find(name => !hostNames.includes(name as HostName));
  if (unknown !== undefined) throw new Error(`--only takes ${hostNames.join(', ')}, not "${unknown}"`);
  const { policy } = values;
  if (policy !== 'browser' && policy !== 'eager') throw new Error(`--policy takes browser or eager, not "${policy}"`);
  return {
    hosts: hostNames.filter(name => values.only.length === 0 || values.only.includes(name)),
    runs: count(values.runs, 'runs'),
    sessions: count(values.sessions, 'sessions'),
    policy,
    isWeak: values.weak,
  };
}
