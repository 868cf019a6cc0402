// Serves Drydock on this computer and in the room's network. Needs Node.js 18 or later and nothing else.
//   node serve.mjs [--port 8080] [--only-here] [--cert FILE --key FILE]
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { networkInterfaces } from 'node:os';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const site = join(here, 'site');
/** The archive this was unpacked from, where it still lies beside: others in the room can then fetch it. */
const archive = [join(here, '..', 'drydock-workshop.zip'), join(here, 'drydock-workshop.zip')].find(file => existsSync(file));

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.zip': 'application/zip',
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

function readOptions() {
  const options = {
    port: { type: 'string', default: process.env.PORT ?? '8080' },
    'only-here': { type: 'boolean', default: false },
    cert: { type: 'string' },
    key: { type: 'string' },
  };
  try {
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`"${values.port}" is not a port: give a number up to 65535.`);
    if ((values.cert === undefined) !== (values.key === undefined))
      throw new Error('--cert and --key go together: the certificate and its private key.');
    return { ...values, port };
  } catch (error) {
    return fail(`${error.message}\nUse: node serve.mjs [--port 8080] [--only-here] [--cert FILE --key FILE]`);
  }
}

/** The file that an address names; undefined where there is none, or where it leads out of the folder. */
function fileFor(url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  if (path === '/drydock-workshop.zip') return archive;
  const file = resolve(site, `.${path}`, path.endsWith('/') ? 'index.html' : '');
  if (file !== site && !file.startsWith(site + sep)) return undefined;
  return file;
}

function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, { allow: 'GET, HEAD' }).end();
  const file = fileFor(request.url ?? '/');
  const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) return response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.\n');
  const tag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`;
  // Names below blobs/ and assets/ carry a hash of their content.
  const isForEver = /\/(blobs|assets)\//.test(request.url);
  const headers = { etag: tag, 'cache-control': isForEver ? 'public, max-age=31536000, immutable' : 'no-cache' };
  if (request.headers['if-none-match'] === tag) return response.writeHead(304, headers).end();
  response.writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-length': found.size });
  if (request.method === 'HEAD') return response.end();
  const stream = createReadStream(file);
  // A learner who closes the tab, or a disk that fails: neither ends the server.
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  return stream.pipe(response);
}

function addresses() {
  return Object.values(networkInterfaces())
    .flat()
    .filter(one => one !== undefined && one.family === 'IPv4' && !one.internal)
    .map(({ address }) => address);
}

function tell(scheme, port, onlyHere) {
  console.log(`\nDrydock runs. On this computer:\n  ${scheme}://localhost:${port}/`);
  if (!onlyHere) {
    const others = addresses();
    console.log(others.length === 0 ? '\nThis computer is not connected to a network now.' : '\nFrom other computers in the room:');
    for (const address of others) console.log(`  ${scheme}://${address}:${port}/`);
    if (others.length > 0 && scheme === 'http') {
      console.log('  Over plain http, browsers there do not show pages of containers and keep nothing for later. README.txt says what to do.');
    }
    if (archive !== undefined)
      console.log(`\nTo copy Drydock to another computer: ${scheme}://${others[0] ?? 'localhost'}:${port}/drydock-workshop.zip`);
  }
  console.log('\nKeep this window open. Ctrl+C ends Drydock for everybody.');
}

if (Number(process.versions.node.split('.')[0]) < 18) fail(`This needs Node.js 18 or later; this is ${process.version}.`);
const options = readOptions();
if (!existsSync(join(site, 'index.html'))) fail(`There is no Drydock in ${site}: unpack the whole archive, then start this again.`);
const isSecure = options.cert !== undefined;
const server = isSecure ? createSecureServer({ cert: readFileSync(options.cert), key: readFileSync(options.key) }, answer) : createServer(answer);
// A room full of browsers that all come at once, and each keeps its connections.
server.keepAliveTimeout = 60_000;
server.on('error', error => {
  const isInUse = error.code === 'EADDRINUSE';
  fail(
    isInUse ? `Port ${options.port} is in use: choose another one, for example --port ${options.port + 1}.` : `The server failed: ${error.message}`,
  );
});
server.listen(options.port, options['only-here'] ? 'localhost' : undefined, () =>
  tell(isSecure ? 'https' : 'http', server.address().port, options['only-here']),
);
