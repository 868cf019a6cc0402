/** `npm start`: builds what is missing and serves Drydock on this machine. */
import { buildGuest } from '../builder/build-guest.ts';
import { buildSite } from '../builder/build-site.ts';
import { serveFolder } from '../serve/static-server.ts';

const DEFAULT_PORT = 8080;

const folder = await buildSite(await buildGuest());
const server = await serveFolder(folder, Number(process.env['PORT'] ?? DEFAULT_PORT));
console.log(`\nDrydock runs at ${server.url}\nStop it with Ctrl+C.`);
