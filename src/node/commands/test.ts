/**
 * `npm test [vitest filters]`: builds the guest and the site, then runs every test: the quick ones first, then those that boot the
 * guest under Node, then those in Chromium. The last line printed is "N passed, N failed".
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
}

const GROUPS = ['unit', 'guest', 'browser'] as const;

function runGroup(group: string, filters: readonly string[]): Report {
  const file = join(mkdtempSync(join(tmpdir(), 'drydock-test-')), 'report.json');
  const args = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--project', group];
  // A filter may leave a group empty; without one, a group that runs no test is a fault.
  if (filters.length > 0) args.push('--passWithNoTests');
  const { status } = spawnSync('npx', [...args, '--reporter=default', '--reporter=json', `--outputFile=${file}`, ...filters], {
    cwd: projectFolder,
    stdio: 'inherit',
  });
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  // A file that cannot even be loaded fails no test, yet the run has failed.
  return status === 0 ? report : { ...report, numFailedTests: Math.max(1, report.numFailedTests) };
}

const filters = process.argv.slice(2);
await buildSite(await buildGuest());
const reports = GROUPS.map(group => runGroup(group, filters));
const sum = (key: 'numPassedTests' | 'numFailedTests' | 'numPendingTests') => reports.reduce((total, report) => total + report[key], 0);
const skipped = sum('numPendingTests');
console.log(`${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(sum('numFailedTests') === 0 && sum('numPassedTests') > 0 ? 0 : 1);
