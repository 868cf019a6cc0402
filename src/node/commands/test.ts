/**
 * `npm test [vitest filters]`: builds the guest and the site, then runs every test: the quick ones first, then those that boot the guest under Node and,
 * beside them, those in Chromium: an emulator takes one core. Once those in Chromium are done, their core helps with the others. At the end it names the slowest files and repeats what failed; the last line
 * printed is "N passed, N failed".
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';
import { lockAge } from '../builder/lock-age.ts';
import { failedTests, slowestFiles, type TestedFile } from '../test-report.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
  readonly testResults: readonly TestedFile[];
}

type Group = 'unit' | 'guest' | 'browser';

/** A group whose program ended before it could tell. */
const NO_REPORT: Report = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, success: false, testResults: [] };
const MILLISECONDS_PER_MINUTE = 60_000;
const SLOWEST = 10;
/** Into so many parts the tests under Node are cut, for two cores to share. */
const GUEST_PARTS = 8;

/** `part` is vitest's: `2/8` for the second of eight. */
async function runGroup(group: Group, filters: readonly string[], part?: string): Promise<Report> {
  const start = performance.now();
  const file = join(mkdtempSync(join(tmpdir(), 'drydock-test-')), 'report.json');
  const args = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--project', group];
  // A filter may leave a group empty; without one, a group that runs no test is a fault.
  if (filters.length > 0) args.push('--passWithNoTests');
  if (part !== undefined) args.push(`--shard=${part}`);
  // Through a pipe, because two groups that each redraw the terminal would spoil it.
  const child = spawn('npx', [...args, '--reporter=default', '--reporter=json', `--outputFile=${file}`, ...filters], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
  });
  child.stdout.pipe(process.stdout, { end: false });
  const [status] = (await once(child, 'close')) as [number | null];
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : NO_REPORT;
  const minutes = ((performance.now() - start) / MILLISECONDS_PER_MINUTE).toFixed(1);
  console.log(`${group}${part === undefined ? '' : ` ${part}`}: ${report.numPassedTests} passed, ${report.numFailedTests} failed in ${minutes} min`);
  // A file that cannot even be loaded fails no test, yet the run has failed.
  return status === 0 ? report : { ...report, numFailedTests: Math.max(1, report.numFailedTests) };
}

/** Runs the tests that need an emulator, on two cores: one does those in Chromium first. Few chosen files are not cut into parts. */
async function runEmulatorGroups(filters: readonly string[]): Promise<Report[]> {
  const parts = filters.length > 0 ? [undefined] : Array.from({ length: GUEST_PARTS }, (_, index) => `${index + 1}/${GUEST_PARTS}`);
  const reports: Report[] = [];
  const takeParts = async (): Promise<void> => {
    while (parts.length > 0) reports.push(await runGroup('guest', filters, parts.shift()));
  };
  const browserFirst = async (): Promise<void> => {
    reports.push(await runGroup('browser', filters));
    await takeParts();
  };
  await Promise.all([takeParts(), browserFirst()]);
  return reports;
}

const filters = process.argv.slice(2);
const age = lockAge();
await buildSite(await buildGuest());
const reports = [await runGroup('unit', filters), ...(await runEmulatorGroups(filters))];
const files = reports.flatMap(report => report.testResults);
console.log(`The slowest files:\n${slowestFiles(files, SLOWEST, projectFolder).join('\n')}`);
const failures = failedTests(files, projectFolder);
if (failures.length > 0) console.log(`What failed:\n${failures.join('\n')}`);
console.log(await age);
const sum = (key: 'numPassedTests' | 'numFailedTests' | 'numPendingTests') => reports.reduce((total, report) => total + report[key], 0);
const skipped = sum('numPendingTests');
console.log(`${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(sum('numFailedTests') === 0 && sum('numPassedTests') > 0 ? 0 : 1);
