/** `npm run bundle`: builds the site and puts it into one archive that serves it without internet. */
import { join } from 'node:path';
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { projectFolder } from '../builder/folders.ts';
import { writeBundle } from '../bundle/write-bundle.ts';

const site = await buildSite(await buildGuest());
console.log('Bundle:');
const target = join(projectFolder, 'drydock-workshop.zip');
const { bytes, fileCount } = await writeBundle(site, target, message => console.log(`  ${message}`));
console.log(`  ${target}: ${fileCount} files, ${(bytes / 1e6).toFixed(0)} MB. Unpack it anywhere; README.txt in it says how to start.`);
process.exit(0);
