import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** A running server. */
export interface StaticServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Decides on a request before the file is looked up: answers it itself and says true, or leaves it. Tests break things here. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.ttf': 'font/ttf',
  '.webmanifest': 'application/manifest+json',
};

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
  const file = join(folder, path.endsWith('/') ? join(path, 'index.html') : path);
  const found = await stat(file).catch(() => undefined);
  if (!file.startsWith(folder) || !found?.isFile()) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  // Names below blobs/ and assets/ carry a hash of their content.
  const forEver = /\/(blobs|assets)\//.test(path);
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    'cache-control': forEver ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}

/** Serves a folder as any static host would: no special headers. Port 0 takes a free one. */
export function serveFolder(folder: string, port: number, intercept: Interceptor = () => false): Promise<StaticServer> {
  const server = createServer((request, response) => {
    if (intercept(request, response)) return;
    answer(folder, request, response).catch(error => response.destroy(error as Error));
  });
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      reject(inUse ? new Error(`Port ${port} is in use: choose another one, for example "PORT=${port + 1} npm start".`) : error);
    });
    server.listen(port, () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve({
        url: `http://localhost:${bound}/`,
        close: () =>
          new Promise(closed => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
