/**
 * `npm run bundle`: builds the site and puts it into one archive that serves it without internet. `npm run bundle -- --room 30` then unpacks it and has 30
 * clients fetch what a first visit fetches, from each of its servers. `npm run bundle -- --images nginx,postgres:17,python` puts only these images into it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';
import { runProgram } from '../builder/run.ts';
import { tryRoom, type RoomReport } from '../bundle/room.ts';
import { writeBundle } from '../bundle/write-bundle.ts';

const MAX_CLIENTS = 200;
const SERVERS = [
  [process.execPath, 'serve.mjs'],
  ['python3', 'serve.py'],
] as const;

interface Options {
  /** How many clients to try it with; 0 for none. */
  readonly clients: number;
  /** The images that are put into it; all where it is not said. */
  readonly images?: readonly string[];
}

function readOptions(): Options {
  const { values } = parseArgs({ options: { room: { type: 'string', default: '0' }, images: { type: 'string' } } });
  const clients = Number(values.room);
  if (!Number.isInteger(clients) || clients < 0 || clients > MAX_CLIENTS)
    throw new Error(`--room wants a number of learners up to ${MAX_CLIENTS}, not "${values.room}".`);
  const images = values.images?.split(',').map(name => name.trim());
  return { clients, ...(images !== undefined && { images: images.filter(name => name !== '') }) };
}

function lineOf(name: string, report: RoomReport): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const all = report.clients * report.bytesPerClient;
  return [
    `${name}: ${report.clients} clients, ${megabytes(report.bytesPerClient)} in ${report.filesPerClient} files each`,
    `${report.seconds.toFixed(1)} s (first done after ${report.fastestSeconds.toFixed(1)} s), ${megabytes(all / report.seconds)}/s`,
    `server: ${report.serverCpuSeconds.toFixed(1)} s of CPU, at most ${megabytes(report.serverPeakBytes)} of memory`,
  ].join('; ');
}

async function tryServers(archive: string, clients: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-room-'));
  try {
    await runProgram('python3', ['-m', 'zipfile', '-e', archive, folder]);
    for (const server of SERVERS) console.log(`  ${lineOf(server[1], await tryRoom(join(folder, 'drydock'), server, clients))}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const { clients, images } = readOptions();
const site = await buildSite(await buildGuest(), images);
console.log('Bundle:');
const target = join(projectFolder, 'drydock-workshop.zip');
const { bytes, fileCount } = await writeBundle(site, target, message => console.log(`  ${message}`));
console.log(`  ${target}: ${fileCount} files, ${(bytes / 1e6).toFixed(0)} MB. Unpack it anywhere; README.txt in it says how to start.`);
if (clients > 0) await tryServers(target, clients);
process.exit(0);
