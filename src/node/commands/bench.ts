/**
 * `npm run bench`: measures what users wait for, in Chromium, under Node, and, where it is installed, under QEMU. Prints a table and writes
 * bench.json: flat keys with medians (seconds, bytes, fractions of a core), facts about the machine, whether the run was `complete`, and below
 * `samples` every single value.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import { loadAverage, machineFacts } from '../bench/machine-facts.ts';
import { measureChromium, measureNode, measureQemu } from '../bench/measure.ts';
import { stayOnOneCore } from '../bench/one-core.ts';
import { parseOptions, usage, type BenchOptions, type HostName } from '../bench/options.ts';
import { qemuVersion } from '../bench/qemu-host.ts';
import { mediansOf, tableOf } from '../bench/report.ts';
import type { Samples } from '../bench/samples.ts';
import { buildGuest, type BuiltGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';

/** Above this load of the machine figures are not worth much. */
const QUIET_LOAD = 0.5;

const samples: Samples = {};
const facts: Record<string, string | number> = {};

function readOptions(): BenchOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function noteLoad(when: string): void {
  facts[`load_${when}`] = loadAverage();
  if (when === 'before' && loadAverage() > QUIET_LOAD) {
    console.warn(`Warning: the machine is busy (load average ${loadAverage()}): the times will be too long. Counts and ratios suffer less.`);
  }
}

async function measureAt(host: HostName, options: BenchOptions, guest: BuiltGuest, site: string | undefined): Promise<void> {
  if (host === 'chromium') facts['chromium_version'] = await measureChromium(site!, options, samples);
  else if (host === 'node') await measureNode(guest, options, samples);
  else await measureQemu(guest, options, samples);
}

async function hasQemu(isAskedFor: boolean): Promise<boolean> {
  const version = await qemuVersion();
  if (version !== undefined) facts['qemu_version'] = version;
  else if (isAskedFor) throw new Error('QEMU is not installed: apt-get install qemu-system-x86');
  else console.log('QEMU is not installed, so there is nothing to compare with: apt-get install qemu-system-x86');
  return version !== undefined;
}

async function main(options: BenchOptions): Promise<boolean> {
  noteLoad('before');
  const guest = await buildGuest();
  const site = options.hosts.includes('chromium') ? await buildSite(guest) : undefined;
  if (options.isWeak) stayOnOneCore();
  Object.assign(facts, machineFacts(), {
    runs: options.runs,
    sessions: options.sessions,
    node_compile_policy: options.policy,
    weak: options.isWeak ? 'one core, page slowed 4 times' : 'no',
  });
  let isComplete = true;
  for (const host of options.hosts) {
    try {
      if (host === 'qemu' && !(await hasQemu(options.hosts.length === 1))) continue;
      console.log(`\nMeasuring in ${host}:`);
      await measureAt(host, options, guest, site);
    } catch (error) {
      isComplete = false;
      console.error(`\nThe bench failed in ${host}: ${messageOf(error)}`);
    }
  }
  noteLoad('after');
  return isComplete;
}

const options = readOptions();
// So that what removes temporary folders and ends programs runs on Ctrl+C too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const isComplete = await main(options);
const file = join(projectFolder, 'bench.json');
await writeFile(file, `${JSON.stringify({ ...mediansOf(samples), ...facts, complete: isComplete, samples }, undefined, 2)}\n`);
console.log(`\n${tableOf(samples)}\n`);
for (const [name, value] of Object.entries(facts)) console.log(`${name}: ${value}`);
console.log(`Written to ${file}`);
process.exit(isComplete ? 0 : 1);
