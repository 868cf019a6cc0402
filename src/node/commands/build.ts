/** `npm run build`: the guest and the page as a static site in dist/. */
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';

const folder = await buildSite(await buildGuest());
console.log(`The site is in ${folder}: copy it to any static host, or try it with "python3 -m http.server -d dist 8080".`);
process.exit(0);
