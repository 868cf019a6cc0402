import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CarriedPort, SITE } from './carried.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let carried: CarriedPort;
let handle: Handler;
beforeEach(async () => {
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  carried = new CarriedPort((server.address() as AddressInfo).port);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255);
const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('an answer arrives as it was given', () => {
  test('status, reason, headers, body', async () => {
    handle = (_, response) => response.writeHead(418, 'I am a teapot', { 'x-own': ['1', '2'], 'content-type': 'text/plain' }).end('short and stout');
    const response = await carried.fetch('/pot?a=%20b');
    expect([response.status, response.statusText, response.headers.get('x-own')]).toEqual([418, 'I am a teapot', '1, 2']);
    expect(await response.text()).toBe('short and stout');
  });

  test.each([204, 205, 304])('%d, which has no body', async status => {
    handle = (_, response) => response.writeHead(status).end();
    const response = await carried.fetch('/');
    expect([response.status, response.body, await response.text()]).toEqual([status, null, '']);
  });

  test('HEAD: the length without the body', async () => {
    handle = (_, response) => response.writeHead(200, { 'content-length': 1234 }).end();
    const response = await carried.fetch('/', { method: 'HEAD' });
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['1234', '']);
  });

  test.each([301, 302, 303, 307, 308])('a redirect (%d), with an address for the browser', async status => {
    handle = (_, response) => response.writeHead(status, { location: 'next?x#y' }).end();
    const response = await carried.fetch('/deep/down');
    expect([response.status, response.headers.get('location')]).toEqual([status, `${SITE}preview/${carried.port}/deep/next?x#y`]);
  });

  test('what was packed is unpacked, and says so no more', async () => {
    handle = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed text'));
    const response = await carried.fetch('/');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.text()).toBe('packed text');
  });

  test('a status that no browser knows is a failure, not a hang', async () => {
    handle = (_, response) => response.writeHead(799).end('x');
    expect(await carried.ask('/').answer).toMatchObject({ kind: 'failed', code: 'guest-unreachable' });
  });
});

describe('bodies', () => {
  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s of 3 MB arrives whole, with its length', async method => {
    const sent = bytes(3_000_000);
    handle = (request, response) =>
      void readBody(request).then(body => response.end(`${request.method} ${request.headers['content-length']} ${hash(body)}`));
    const response = await carried.fetch('/', { method, body: new Blob([sent as Uint8Array<ArrayBuffer>]) });
    expect(await response.text()).toBe(`${method} 3000000 ${hash(sent)}`);
  });

  test('an empty body is a body', async () => {
    handle = (request, response) => void readBody(request).then(() => response.end(request.headers['content-length']));
    expect(await (await carried.fetch('/', { method: 'POST', body: new Blob([]) })).text()).toBe('0');
  });

  test('an answer that comes before the body is whole is taken', async () => {
    // Node's own server would reset the connection, and with it what it has answered.
    const hasty = createTcpServer(socket => {
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large'));
      socket.on('error', () => undefined);
    });
    await new Promise<void>(resolve => hasty.listen(0, '127.0.0.1', resolve));
    const to = new CarriedPort((hasty.address() as AddressInfo).port);
    const response = await to.fetch('/', { method: 'POST', body: new Blob([new Uint8Array(8_000_000)]) });
    expect([response.status, await response.text()]).toEqual([413, 'too large']);
    await expect.poll(() => to.connections.size).toBe(0);
    hasty.close();
  });

  test('20 MB arrive whole', async () => {
    const sent = bytes(20 * 1024 * 1024);
    handle = (_, response) => response.end(sent);
    const received = new Uint8Array(await (await carried.fetch('/')).arrayBuffer());
    expect(hash(received)).toBe(hash(sent));
  });

  test('what nobody reads is not fetched: a slow reader makes the server wait', async () => {
    let written = 0;
    handle = (_, response) => {
      const more = (): void => {
        while (written < 200_000_000) {
          written += 65_536;
          if (!response.write(new Uint8Array(65_536))) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };
    const response = await carried.fetch('/');
    const reader = response.body!.getReader();
    await reader.read();
    await pause(500);
    // The socket's own buffers are most of it.
    expect(written).toBeLessThan(20_000_000);
    await reader.cancel();
    await expect.poll(() => carried.connections.size).toBe(0);
  });

  test('an answer without an end comes as it is made, and ends when nobody listens', async () => {
    let isClosed = false;
    handle = (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let count = 0;
      const timer = setInterval(() => response.write(`data: ${count++}\n\n`), 10);
      request.on('close', () => {
        isClosed = true;
        clearInterval(timer);
      });
    };
    const reader = (await carried.fetch('/')).body!.getReader();
    let text = '';
    while (!text.includes('data: 3')) text += Buffer.from((await reader.read()).value!).toString();
    await reader.cancel();
    await expect.poll(() => isClosed).toBe(true);
  });
});

describe('many at once', () => {
  test('200 requests, more than there may be connections: none is lost, none mixed up', async () => {
    let most = 0;
    handle = (request, response) => {
      most = Math.max(most, carried.connections.size);
      setTimeout(() => response.end(request.url), Math.random() * 20);
    };
    const texts = await Promise.all(Array.from({ length: 200 }, async (_, index) => (await carried.fetch(`/${index}`)).text()));
    expect(texts).toEqual(texts.map((_, index) => `/${index}`));
    expect(most).toBeLessThanOrEqual(32);
  });

  test('those that leave while they wait make room', async () => {
    handle = (request, response) => void (request.url === '/last' && response.end('here'));
    const waiting = Array.from({ length: 60 }, (_, index) => carried.ask(`/${index}`));
    await expect.poll(() => carried.connections.size).toBe(32);
    const last = carried.fetch('/last');
    for (const channel of waiting) channel.abort();
    expect(await (await last).text()).toBe('here');
    await expect.poll(() => carried.connections.size).toBe(0);
  });
});

describe('cookies', () => {
  beforeEach(() => {
    handle = (request, response) => response.writeHead(200, { 'set-cookie': ['a=1; HttpOnly', 'b=2; Path=/'] }).end(request.headers.cookie ?? 'none');
  });

  test('are kept and sent back, and the browser sees none of it', async () => {
    const first = await carried.fetch('/');
    expect([await first.text(), first.headers.get('set-cookie')]).toEqual(['none', null]);
    expect(await (await carried.fetch('/')).text()).toBe('a=1; b=2');
  });

  test('are neither kept nor sent for a request without credentials', async () => {
    await carried.fetch('/', { hasCookies: false });
    expect(await (await carried.fetch('/')).text()).toBe('none');
    expect(await (await carried.fetch('/', { hasCookies: false })).text()).toBe('none');
  });
});

describe('failures', () => {
  test('nobody listens: what is published comes with the reason', async () => {
    const port = { hostPort: 1, containerPort: 2, protocol: 'tcp', container: 'web', containerId: 'c', image: 'i' } as const;
    const closed = new CarriedPort(carried.port);
    closed.ports = [port];
    await new Promise<void>(resolve => server.close(() => resolve()));
    expect(await closed.ask('/').answer).toMatchObject({ kind: 'failed', code: 'guest-unreachable', ports: [port] });
    server.listen(0);
  });

  test('a server that dies in the middle ends the answer in an error, after what came', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('the beginning');
      setTimeout(() => response.destroy(), 50);
    };
    const reader = (await carried.fetch('/')).body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('the beginning');
    await expect(reader.read()).rejects.toThrow();
  });

  test.each(['off', 'starting', 'other-version', 'other-sandbox'] as const)('a page whose machine is not there says so: %s', async why => {
    carried.page = (_, port) => port.postMessage({ kind: 'not-here', why });
    expect(await carried.ask('/').answer).toEqual({ kind: 'absent', why });
  });

  test('giving up closes the connection, also before the answer begins', async () => {
    handle = () => undefined;
    const channel = carried.ask('/');
    await expect.poll(() => carried.connections.size).toBe(1);
    channel.abort();
    await channel.whenOver;
    await expect.poll(() => carried.connections.size).toBe(0);
  });
});

test('what was sent and received is told when the answer begins, and when it is over', async () => {
  handle = (_, response) => response.writeHead(201, { 'set-cookie': 'seen=1', 'content-type': 'text/plain' }).end('twelve bytes');
  await (await carried.fetch('/made', { headers: [['X-Asked', 'so']] })).text();
  await expect.poll(() => carried.exchanges.at(-1)?.state).toBe('done');
  expect(carried.exchanges[0]).toMatchObject({ state: 'open', status: 201 });
  expect(carried.exchanges.at(-1)).toMatchObject({ id: carried.exchanges[0]!.id, method: 'GET', status: 201, bytes: 12 });
  expect(carried.exchanges.at(-1)!.sent).toContainEqual(['X-Asked', 'so']);
  expect(carried.exchanges.at(-1)!.received).toContainEqual(['set-cookie', 'seen=1']);
  carried.page = (_, port) => port.postMessage({ kind: 'failed', code: 'guest-unreachable', message: 'Nothing listens.', ports: [] });
  await carried.ask('/gone').answer;
  expect(carried.exchanges.at(-1)).toMatchObject({ state: 'failed', problem: 'Nothing listens.' });
  expect(carried.exchanges.at(-1)!.status).toBeUndefined();
});

describe('the first script of a page', () => {
  const html = { accept: 'text/html' };
  const page = (path = '/') => carried.fetch(path, { headers: [['Accept', html.accept]], script: cookies => `begin(${JSON.stringify(cookies)})` });

  test('stands before all others, with the cookies that scripts may see', async () => {
    handle = (_, response) => {
      response.setHeader('set-cookie', ['seen=1', 'hidden=2; HttpOnly']);
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><head><script>own()</script>');
    };
    expect(await (await page()).text()).toBe('<!doctype html><head><script>begin("seen=1")</script><script>own()</script>');
  });

  test('is let in by the policy of the page, and only it', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': "script-src 'self'" }).end('<p>');
    };
    const { headers } = await page();
    const hash = createHash('sha256').update('begin("")').digest('base64');
    expect(headers.get('content-security-policy')).toBe(`script-src 'self' 'sha256-${hash}'`);
  });

  test.each([
    ['a file to be stored', { 'content-type': 'text/html', 'content-disposition': 'attachment' }],
    ['JSON', { 'content-type': 'application/json' }],
    ['a page in UTF-16', { 'content-type': 'text/html; charset=utf-16le' }],
  ])('does not stand in %s', async (_, headers) => {
    handle = (_request, response) => response.writeHead(200, { ...headers, 'content-length': '3' }).end('<p>');
    const answer = await page();
    expect([await answer.text(), answer.headers.get('content-length')]).toEqual(['<p>', '3']);
  });

  test('does not stand in what a script fetches', async () => {
    handle = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
    expect(await (await carried.fetch('/', { script: () => 'begin()' })).text()).toBe('<p>');
  });
});
