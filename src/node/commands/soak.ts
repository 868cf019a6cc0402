/**
 * `npm run soak -- --minutes N`: a visitor who works in one page for so long (120 minutes), in Chromium. Every round what may grow is read: memory
 * of the browser's processes, heaps, what is stored, the guest's memory and disk. Prints a line for each round and a table of how it grew; soak.json has
 * all readings, also of a visit that goes on. Ends with an error when a command fails, so it is also a test of endurance.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../core/base/errors.ts';
import { ChromiumHost } from '../bench/chromium-host.ts';
import { machineFacts } from '../bench/machine-facts.ts';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';
import { serveFolder } from '../serve/static-server.ts';
import { growthOf, growthTable, type Reading } from '../soak/growth.ts';
import { LongVisit } from '../soak/visit.ts';

const DEFAULT_MINUTES = '120';
const MIB = 1024 * 1024;

function minutesAskedFor(): number {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: DEFAULT_MINUTES } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not "${values.minutes}"`);
  return minutes;
}

function lineOf({ seconds, containers, counters }: Reading): string {
  const mib = (name: string): string => `${((counters[name] ?? NaN) / MIB).toFixed(0)} MiB`;
  const facts = [`renderer ${mib('renderer_bytes')}`, `stored ${mib('stored_bytes')}`, `guest free ${mib('guest_free_bytes')}`];
  return `  ${(seconds / 60).toFixed(1).padStart(6)} min  ${containers} containers, ${facts.join(', ')}`;
}

async function writeReport(minutes: number, readings: readonly Reading[], failure?: string): Promise<string> {
  const file = join(projectFolder, 'soak.json');
  const growth = readings.length > 1 ? growthOf(readings) : [];
  await writeFile(file, `${JSON.stringify({ ...machineFacts(), minutes, failure, growth, readings }, undefined, 2)}\n`);
  return file;
}

async function stay(host: ChromiumHost, minutes: number, readings: Reading[]): Promise<void> {
  const visit = await LongVisit.begin(host);
  const start = performance.now();
  while (performance.now() - start < minutes * 60_000) {
    await visit.round();
    const reading = { seconds: (performance.now() - start) / 1000, containers: visit.containers, counters: await visit.read() };
    readings.push(reading);
    console.log(lineOf(reading));
    await writeReport(minutes, readings);
  }
}

async function main(minutes: number): Promise<boolean> {
  const site = await buildSite(await buildGuest());
  const server = await serveFolder(site, 0);
  const host = await ChromiumHost.launch();
  const readings: Reading[] = [];
  let failure: string | undefined;
  try {
    await host.open({ url: server.url, sentBytes: () => 0 });
    await stay(host, minutes, readings);
  } catch (error) {
    failure = messageOf(error);
    console.error(`\nThe visit ended before its time: ${failure}`);
  } finally {
    await host.close();
    await server.close();
  }
  if (readings.length > 1) console.log(`\n${growthTable(growthOf(readings))}\n`);
  console.log(`Written to ${await writeReport(minutes, readings, failure)}`);
  return failure === undefined;
}

// So that what removes temporary folders and ends programs runs on Ctrl+C too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  process.exit((await main(minutesAskedFor())) ? 0 : 1);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
