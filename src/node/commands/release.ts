/**
 * `npm run release`: writes what a release has into release/: the site and the workshop archive as zip, the built guest as tar, and SHA256SUMS. From the same
 * cache the same commit gives the same bytes (docs/releases.md).
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';
import { builtSteps, closeGuestArchive, completeSteps } from '../builder/step.ts';
import { writeBundle, writeSite } from '../bundle/write-bundle.ts';
import { guestArchiveName, readProject } from '../guest-archive/open-guest.ts';
import { writeGuestArchive } from '../guest-archive/write-guest-archive.ts';

const folder = join(projectFolder, 'release');
const SUMS = 'SHA256SUMS';

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function report(message: string): void {
  console.log(`  ${message}`);
}

/** As `sha256sum -c` reads it. */
async function writeSums(): Promise<void> {
  const lines: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, name), { highWaterMark: 1 << 20 }), hash);
    lines.push(`${hash.digest('hex')}  ${name}\n`);
  }
  await writeFile(join(folder, SUMS), lines.join(''));
  console.log(lines.join('').trimEnd());
}

const { version } = readProject();
const site = await buildSite(await buildGuest());
await completeSteps();
await closeGuestArchive();
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
console.log('Release:');
for (const [name, write] of [
  [`drydock-site-${version}.zip`, writeSite],
  [`drydock-workshop-${version}.zip`, writeBundle],
] as const) {
  const { fileCount, bytes } = await write(site, join(folder, name), report);
  report(`${name}: ${fileCount} files, ${megabytes(bytes)}`);
}
const name = guestArchiveName(version);
const { steps, bytes, servedBytes } = await writeGuestArchive(builtSteps(), version, join(folder, name), report);
report(`${name}: ${steps} steps, ${megabytes(bytes)}, of which ${megabytes(servedBytes)} are what a site is made from`);
await writeSums();
console.log(`All of it is in ${folder}.`);
process.exit(0);
