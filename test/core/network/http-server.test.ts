import { Agent, request as nodeRequest, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { MAX_HEAD_BYTES } from '../../../src/core/network/http-message-parser.ts';
import { serveHttp, type HttpHandler } from '../../../src/core/network/http-server.ts';
import { connectionOf, converse, FakeClient } from './fake-client.ts';

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

/** Answers with what was asked. */
const echo: HttpHandler = async ({ method, target, headers, body }) => ({
  status: 200,
  body: `${method} ${target} ${headers.get('x-a') ?? '-'} [${await readAll(body)}]`,
});

/** Answers without looking at the body. */
const hello: HttpHandler = ({ target }) => ({ status: 200, body: target });

const ok = (body: string, extra = '') => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${extra}\r\n${body}`;
const close = 'Connection: close\r\n';
const soon = () => new Promise(resolve => setTimeout(resolve, 5));

/** [name, what the client sends, what it gets] */
const conversations: [string, string, string][] = [
  ['one request', 'GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n', ok('GET /a?b=c 1 []')],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: h\n\n', ok('GET / - []')],
  ['a length', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello', ok('POST / - [hello]')],
  [
    'chunks, extensions, trailers',
    'PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: 1\r\n\r\n',
    ok('PUT / - [hello]'),
  ],
  [
    'three at once, in order',
    'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n',
    ok('GET /1 - []') + ok('POST /2 - [ab]') + ok('GET /3 - []'),
  ],
  ['nothing after close', 'GET /1 HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n', ok('GET /1 - []', close)],
  ['HEAD', 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n' + ok('GET / - []')],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', ok('GET / - []', close)],
  [
    'HTTP/1.0, kept',
    'GET /1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n',
    ok('GET /1 - []', 'Connection: keep-alive\r\n') + ok('GET /2 - []', close),
  ],
  [
    '100-continue',
    'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nab',
    `HTTP/1.1 100 Continue\r\n\r\n${ok('POST / - [ab]')}`,
  ],
  ['CONNECT', 'CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n', ok('CONNECT h:443 - []')],
];

describe.each(conversations)('%s', (_name, sent, received) => {
  test('is answered alike, wherever the bytes are cut', async () => {
    for (let cut = 0; cut <= sent.length; cut++) expect((await converse(echo, sent, [cut])).received, `cut at ${cut}`).toBe(received);
    const every = Array.from({ length: sent.length }, (_, index) => index);
    const client = await converse(echo, sent, every);
    expect(client.received).toBe(received);
    expect(client.isClosed).toBe(true);
    expect(client.acknowledgedBytes).toBe(sent.length);
  });
});

const bad: [string, string, RegExp][] = [
  ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\n', /does not begin/],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\n', /does not begin/],
  ['a target with a space', 'GET /a b HTTP/1.1\r\nHost: h\r\n\r\n', /does not begin/],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', /which host/],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /two hosts/],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: h\r\n x\r\n\r\n', /headers cannot be read/],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', /length cannot be read/],
  ['length and chunks', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', /both/],
  ['an unknown coding', 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n', /coding/],
  ['a head without end', `GET / HTTP/1.1\r\nA: ${'x'.repeat(MAX_HEAD_BYTES)}`, /larger than/],
  ['a broken chunk', 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /size of a chunk/],
  ['half a body', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell', /in the middle of the request/],
  ['half a head', 'GET / HTTP/1.1\r\nHos', /in the middle of the request/],
];
test.each(bad)('%s is a bad request, and the last', async (_name, sent, message) => {
  const client = await converse(echo, `GET /first HTTP/1.1\r\nHost: h\r\n\r\n${sent}`);
  const first = ok('GET /first - []');
  expect(client.received.slice(0, first.length)).toBe(first);
  expect(client.received.slice(first.length)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*Connection: close\r\n\r\nThis request cannot be read: /);
  expect(client.received).toMatch(message);
  expect([client.hasEnded, client.isClosed]).toEqual([true, true]);
});

test('a connection on which nothing was said is closed without a word', async () => {
  expect((await converse(echo, '')).received).toBe('');
});

test('a body that nobody reads is read past; a large one, or one that is waited with, ends the connection', async () => {
  const next = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n';
  const small = `POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`;
  expect((await converse(hello, small + next)).received).toBe(ok('/p') + ok('/next'));
  const large = `POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`;
  const client = await converse(hello, large + next);
  expect(client.received).toBe(ok('/p'));
  expect([client.hasEnded, client.acknowledgedBytes]).toEqual([true, large.length + next.length]);
  const waiting = 'POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
  expect((await converse(hello, waiting)).received).toBe(ok('/p', close));
});

test('100 Continue is said when the body is asked for, and not before', async () => {
  const client = new FakeClient();
  let read: () => void = () => undefined;
  const wanted = new Promise<void>(resolve => (read = resolve));
  const over = serveHttp(client.connection, async ({ body }) => {
    await wanted;
    return { status: 200, body: await readAll(body) };
  });
  client.send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  await soon();
  expect(client.received).toBe('');
  read();
  await soon();
  expect(client.received).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('ab');
  client.end();
  await over;
  expect(client.received).toBe(`HTTP/1.1 100 Continue\r\n\r\n${ok('ab')}`);
});

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Promise.resolve(Buffer.from(text));
}

describe('a streamed body', () => {
  const ask = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

  test('goes with its length where that is known, else in chunks, else until the end', async () => {
    const known = await converse(() => ({ status: 206, body: { bytes: 5, content: pieces('he', '', 'llo') } }), ask);
    expect(known.received).toBe('HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nhello');
    const unknown: HttpHandler = () => ({ status: 200, headers: [['X', 'y']], body: { content: pieces('he', '', 'llo, wide world') } });
    expect((await converse(unknown, ask)).received).toBe(
      'HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nf\r\nllo, wide world\r\n0\r\n\r\n',
    );
    expect((await converse(unknown, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')).received).toBe(
      'HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\nhello, wide world',
    );
  });

  test('is not begun for HEAD', async () => {
    const content = { [Symbol.asyncIterator]: () => expect.unreachable() as never };
    const client = await converse(() => ({ status: 200, body: { bytes: 5, content } }), ask.replace('GET', 'HEAD'));
    expect(client.received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
  });

  test('flows only as fast as it is taken', async () => {
    let made = 0;
    async function* content() {
      for (; made < 10; made++) yield Promise.resolve(new Uint8Array(1000));
    }
    const client = new FakeClient();
    client.hold();
    const over = serveHttp(client.connection, () => ({ status: 200, body: { bytes: 10_000, content: content() } }));
    client.send(ask);
    await soon();
    expect(made).toBe(0);
    client.release();
    client.end();
    await over;
    expect(made).toBe(10);
    expect(client.body.length).toBe(10_000);
  });

  test('that fails, or is not as long as told, breaks the connection off', async () => {
    async function* failing() {
      yield Promise.resolve(Buffer.from('he'));
      throw new Error('no more');
    }
    for (const body of [
      { bytes: 5, content: failing() },
      { content: failing() },
      { bytes: 5, content: pieces('he') },
      { bytes: 5, content: pieces('hello!') },
    ]) {
      const client = await converse(() => ({ status: 200, body }), ask);
      expect([client.hasEnded, client.isClosed]).toEqual([false, true]);
      expect(client.received).not.toMatch(/hello!|0\r\n\r\n$/);
    }
  });

  test('is left when the client goes, while it waits and while it is written', async () => {
    for (const isHeld of [false, true]) {
      let isLeft = false;
      let signal: AbortSignal | undefined;
      async function* content() {
        try {
          if (isHeld) client.hold();
          yield Promise.resolve(new Uint8Array(10));
          await new Promise<void>(resolve => signal!.addEventListener('abort', () => resolve()));
          yield new Uint8Array(10);
        } finally {
          isLeft = true;
        }
      }
      const client = new FakeClient();
      const over = serveHttp(client.connection, request => {
        signal = request.signal;
        return { status: 200, body: { content: content() } };
      });
      client.send(ask);
      await soon();
      expect([isLeft, signal!.aborted]).toEqual([false, false]);
      client.end(new SandboxError('guest-unreachable', 'gone'));
      await over;
      await soon();
      expect([isLeft, signal!.aborted, client.isClosed]).toEqual([true, true, true]);
    }
  });
});

test('a handler that throws gives a 500 with its words, and the connection stays', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  let count = 0;
  const client = await converse(() => {
    if (count++ === 0) throw new SandboxError('download-failed', 'The list is not there.');
    return { status: 204 };
  }, 'GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n');
  expect(client.received).toBe(
    'HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 23\r\n\r\nThe list is not there.\nHTTP/1.1 204 No Content\r\n\r\n',
  );
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});

test('a response that would be more than one on the wire is not sent', async () => {
  for (const response of [
    { status: 200, reason: 'OK\r\nX: y' },
    { status: 200, headers: [['X', 'y\r\nZ: 1']] as const },
  ]) {
    const client = await converse(() => response, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect([client.received, client.isClosed]).toEqual(['', true]);
  }
});

test('a client that falls silent is hung up on: idle, in a head, in a body; so is one that does not read', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  for (const sent of [
    '',
    'GET / HTTP/1.1\r\nHos',
    'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe',
  ]) {
    const client = new FakeClient();
    const over = serveHttp(client.connection, echo, { idleMilliseconds: 20 });
    client.send(sent);
    await over;
    expect(client.isClosed).toBe(true);
  }
  const client = new FakeClient();
  client.hold();
  const over = serveHttp(client.connection, hello, { stallMilliseconds: 20 });
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  await over;
  expect(client.isClosed).toBe(true);
  log.mockRestore();
});

test('what a client sends ahead is acknowledged only as it is dealt with', async () => {
  const client = new FakeClient();
  let answer: () => void = () => undefined;
  const over = serveHttp(client.connection, async () => {
    await new Promise<void>(resolve => (answer = resolve));
    return { status: 204 };
  });
  const ask = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
  client.send(ask);
  client.send(ask);
  await soon();
  expect(client.acknowledgedBytes).toBe(0);
  answer();
  await soon();
  expect(client.acknowledgedBytes).toBe(ask.length);
  answer();
  client.end();
  await over;
  expect(client.acknowledgedBytes).toBe(2 * ask.length);
});

test('it serves a real HTTP client, on one connection', async () => {
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, socket => {
    connections++;
    void serveHttp(connectionOf(socket), async ({ body }) => ({ status: 200, body: { content: pieces(await readAll(body), '!') } }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const body of ['', 'x'.repeat(300_000)]) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = nodeRequest({ port, host: '127.0.0.1', method: 'POST', agent, headers: { Expect: '100-continue' } }, resolve);
        request.on('error', reject);
        request.on('continue', () => request.end(body));
        request.flushHeaders();
      });
      expect(response.headers['transfer-encoding']).toBe('chunked');
      expect(await textOf(response)).toBe(`${body}!`);
    }
    expect(connections).toBe(1);
  } finally {
    agent.destroy();
    server.close();
  }
});
