import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { siteHost } from '../../src/worker/site-host.ts';

const STALL_MILLISECONDS = 200;
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function hostBehind(listener: RequestListener): Promise<ReturnType<typeof siteHost>> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>(resolve => started.listen(0, resolve));
  return siteHost(`http://localhost:${(started.address() as AddressInfo).port}/below/`, undefined, STALL_MILLISECONDS);
}

test('files and blobs are read from the machine’s folder below the site, and counted', async () => {
  const paths: (string | undefined)[] = [];
  const host = await hostBehind((request, response) => {
    paths.push(request.url);
    response.end('bytes');
  });
  let counted = 0;
  expect(new Uint8Array(await host.readFile('machine.json', count => (counted += count)))).toEqual(new TextEncoder().encode('bytes'));
  expect(await host.readBlob('abc', false)).toEqual(new TextEncoder().encode('bytes'));
  expect(counted).toBe(5);
  expect(paths).toEqual(['/below/machine/machine.json', '/below/machine/blobs/abc.zst']);
});

test('what the server says goes into the error', async () => {
  const host = await hostBehind((_request, response) => response.writeHead(503, 'Busy').end());
  await expect(host.readBlob('abc', true)).rejects.toThrow('the server answered 503 Busy');
});

test('a server that never answers is given up', async () => {
  const host = await hostBehind(() => undefined);
  await expect(host.readBlob('abc', false)).rejects.toThrow('nothing arrived for 1 s');
});

test('a server that falls silent half-way is given up', async () => {
  const host = await hostBehind((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
  });
  await expect(host.readBlob('abc', false)).rejects.toThrow('nothing arrived for 1 s');
});

test('a slow server is not given up while something arrives', async () => {
  const host = await hostBehind((_request, response) => {
    let left = 6;
    const timer = setInterval(() => {
      response.write('x');
      if (--left > 0) return;
      clearInterval(timer);
      response.end();
    }, STALL_MILLISECONDS / 2);
  });
  expect((await host.readBlob('abc', false)).length).toBe(6);
});
