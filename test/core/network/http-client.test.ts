import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import type { Dial } from '../../../src/core/network/connection.ts';
import { requestHttp } from '../../../src/core/network/http-client.ts';
import { MAX_HEAD_BYTES } from '../../../src/core/network/http-message-parser.ts';
import { fakePeer, replayDial } from './fake-dial.ts';

const get = { method: 'GET', path: '/x' };
const refusedWith = (code: string, message?: RegExp) =>
  expect.objectContaining({ name: 'SandboxError', code, ...(message && { message: expect.stringMatching(message) }) });

/** [name, request method, the bytes of a response, the body they hold] */
const responses: [string, string, string, string][] = [
  ['a content length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
  ['bytes after the body', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\n\r\n', 'hello'],
  ['an empty body', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
  ['one length twice', 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nContent-Length: 2\r\n\r\nab', 'ab'],
  [
    'chunks, extensions, trailers',
    'GET',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b;c"\r\nhello\r\n00C \r\n, wide world\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n',
    'hello, wide world',
  ],
  [
    'chunks whose data look like chunk ends',
    'GET',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n',
    '\r\n0\r\n\r\n',
  ],
  ['chunks in spite of a length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n', 'x'],
  ['until the connection closes', 'GET', 'HTTP/1.0 200 OK\r\nServer: x\r\n\r\nall\r\n\r\nof it', 'all\r\n\r\nof it'],
  [
    'interim responses first',
    'GET',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    'x',
  ],
  ['no body for 204', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n', ''],
  ['no body for 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', ''],
  ['no body for HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n', ''],
  ['bare line feeds and no reason', 'GET', 'HTTP/1.1 200\nContent-Length: 2\n\nok', 'ok'],
];

describe.each(responses)('a response with %s', (_name, method, bytes, body) => {
  test('is read whole, wherever it is cut', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const response = await requestHttp(replayDial(bytes, cut), { method, path: '/' });
      expect(await response.text(), `cut at ${cut}`).toBe(body);
    }
    const every = Array.from({ length: bytes.length }, (_, index) => index);
    expect(await (await requestHttp(replayDial(bytes, ...every), { method, path: '/' })).text()).toBe(body);
  });
});

const broken: [string, string, RegExp][] = [
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /does not begin/],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n', /does not begin/],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', /headers cannot be read/],
  ['a header with a space before its colon', 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx', /headers cannot be read/],
  ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', /headers cannot be read/],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', /length cannot be read/],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', /length cannot be read/],
  ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', /coding/],
  ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(MAX_HEAD_BYTES)}`, /larger than/],
  ['an end before the head', 'HTTP/1.1 200 OK\r\nA: b\r\n', /middle/],
  ['nothing', '', /middle/],
];
test.each(broken)('%s is refused', async (_name, bytes, message) => {
  await expect(requestHttp(replayDial(bytes), get)).rejects.toEqual(refusedWith('guest-unreachable', message));
});

const brokenBodies: [string, string, RegExp][] = [
  ['short of its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', /middle/],
  ['without a last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n', /middle/],
  ['with a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\nzz\r\n', /size of a chunk/],
  ['with a chunk longer than told', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n', /longer/],
];
test.each(brokenBodies)('a body %s gives what came, then fails', async (_name, bytes, message) => {
  const response = await requestHttp(replayDial(bytes), get);
  let text = '';
  const reading = (async () => {
    for await (const part of response.body) text += Buffer.from(part).toString();
  })();
  await expect(reading).rejects.toEqual(refusedWith('guest-unreachable', message));
  expect(text).toBe('hell');
});

test("the request is written as HTTP, once, with its body's length", async () => {
  const peer = fakePeer();
  const pending = requestHttp(peer.dial, { method: 'POST', path: '/a?b=%20', headers: [['X-Y', 'z']], body: Buffer.from('né') });
  await peer.asked;
  expect(peer.sent()).toBe('POST /a?b=%20 HTTP/1.1\r\nHost: localhost\r\nX-Y: z\r\nConnection: close\r\nContent-Length: 3\r\n\r\nn\xc3\xa9');
  peer.receive('HTTP/1.1 201 Created\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 10\r\n\r\n{"a":"\xc3\xa9"}');
  const response = await pending;
  expect([response.status, response.reason, response.headers.get('x-A'), response.headers.get('none')]).toEqual([201, 'Created', '1, 2', undefined]);
  expect(await response.json()).toEqual({ a: 'é' });
  await expect(response.text()).rejects.toThrow(/read already/);
});

test('what would be two requests on the wire is never sent', async () => {
  for (const request of [
    { method: 'GET', path: '/a HTTP/1.1\r\nX: y' },
    { method: 'GET', path: 'a' },
    { method: 'GET /', path: '/a' },
    { method: 'GET', path: '/a', headers: [['X', 'y\r\nZ: 1']] as [string, string][] },
  ]) {
    const peer = fakePeer();
    await expect(requestHttp(peer.dial, request)).rejects.toEqual(refusedWith('guest-unreachable', /no HTTP/));
    expect(peer.sent()).toBe('');
  }
});

test('a streamed body goes in chunks, or as it is where its length is told', async () => {
  async function* stream() {
    yield Buffer.from('né');
    yield Buffer.from('');
    yield Buffer.from('x'.repeat(20));
  }
  const chunked = fakePeer();
  const pending = requestHttp(chunked.dial, { method: 'POST', path: '/', body: stream() });
  await expect.poll(chunked.sent).toMatch(/\r\n0\r\n\r\n$/);
  expect(chunked.sent()).toMatch(/Transfer-Encoding: chunked\r\n\r\n3\r\nn\xc3\xa9\r\n14\r\nx{20}\r\n0\r\n\r\n$/);
  chunked.receive('HTTP/1.1 204 No\r\n\r\n');
  expect((await pending).status).toBe(204);

  const whole = fakePeer();
  const request = { method: 'PUT', path: '/', headers: [['content-length', '23']] as [string, string][], body: stream() };
  void requestHttp(whole.dial, request).catch(() => undefined);
  await expect.poll(whole.sent).toMatch(/content-length: 23\r\nConnection: close\r\n\r\nn\xc3\xa9x{20}$/);
  expect(whole.sent()).not.toMatch(/chunked/i);
  whole.close();
});

test('a streamed body that breaks calls the request off; one that is not wanted any more is not read on', async () => {
  async function* breaks() {
    yield Buffer.from('x');
    throw new SandboxError('cancelled', 'The file is gone.');
  }
  const peer = fakePeer();
  await expect(requestHttp(peer.dial, { method: 'POST', path: '/', body: breaks() })).rejects.toEqual(refusedWith('cancelled', /gone/));
  expect(peer.isClosed()).toBe(true);

  let read = 0;
  async function* endless() {
    for (;;) {
      read++;
      await new Promise(resolve => setTimeout(resolve, 1));
      yield Buffer.from('x');
    }
  }
  const hasty = fakePeer();
  const pending = requestHttp(hasty.dial, { method: 'POST', path: '/', body: endless() });
  await hasty.asked;
  hasty.receive('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
  expect((await pending).status).toBe(413);
  await new Promise(resolve => setTimeout(resolve, 10));
  const before = read;
  await new Promise(resolve => setTimeout(resolve, 30));
  expect(read).toBe(before);
});

test('a host of its own and bytes beyond ASCII are sent as they are', async () => {
  const peer = fakePeer();
  const headers: [string, string][] = [
    ['Host', 'localhost:8888'],
    ['X-Latin', 'caf\xe9'],
  ];
  void requestHttp(peer.dial, { method: 'PROPFIND', path: '/', headers }).catch(() => undefined);
  await peer.asked;
  expect(peer.sent()).toBe('PROPFIND / HTTP/1.1\r\nHost: localhost:8888\r\nX-Latin: caf\xe9\r\nConnection: close\r\n\r\n');
  peer.close();
  const wide = requestHttp(fakePeer().dial, { method: 'GET', path: '/', headers: [['X', '\u0161']] });
  await expect(wide).rejects.toEqual(refusedWith('guest-unreachable', /no HTTP header/));
});

test('what is no body is dealt with at once, the body as it is read', async () => {
  const peer = fakePeer();
  const pending = requestHttp(peer.dial, get);
  await peer.asked;
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n';
  peer.receive(`${head}hello\r\n`);
  const response = await pending;
  expect(peer.acknowledged()).toBe(head.length + 2);
  const reader = response.body[Symbol.asyncIterator]();
  await reader.next();
  expect(peer.acknowledged()).toBe(head.length + 2);
  peer.receive('0\r\n\r\n');
  await reader.next();
  expect(peer.acknowledged()).toBe(head.length + 2 + 5 + 5);
});

test('a body that is no JSON is told as such', async () => {
  const response = await requestHttp(replayDial('HTTP/1.1 200 OK\r\n\r\n<html>'), get);
  await expect(response.json()).rejects.toEqual(refusedWith('guest-unreachable', /not JSON/));
});

test('aborting closes the connection and ends what waits: the head', async () => {
  const peer = fakePeer();
  const controller = new AbortController();
  const pending = requestHttp(peer.dial, get, { signal: controller.signal });
  await peer.asked;
  controller.abort(new Error('enough'));
  await expect(pending).rejects.toEqual(refusedWith('cancelled'));
  expect(peer.isClosed()).toBe(true);
  await expect(requestHttp(peer.dial, get, { signal: controller.signal })).rejects.toEqual(refusedWith('cancelled'));
});

test('aborting closes the connection and ends what waits: the body', async () => {
  const peer = fakePeer();
  const controller = new AbortController();
  const pending = requestHttp(peer.dial, get, { signal: controller.signal });
  await peer.asked;
  peer.receive('HTTP/1.1 200 OK\r\n\r\nsome');
  const text = (await pending).text();
  expect(peer.isClosed()).toBe(false);
  controller.abort();
  await expect(text).rejects.toEqual(refusedWith('cancelled'));
  expect(peer.isClosed()).toBe(true);
});

test('leaving the body early closes the connection; so does its end', async () => {
  const peer = fakePeer();
  const pending = requestHttp(peer.dial, get);
  await peer.asked;
  peer.receive('HTTP/1.1 200 OK\r\n\r\nsome');
  for await (const part of (await pending).body) {
    expect(part.length).toBe(4);
    break;
  }
  expect(peer.isClosed()).toBe(true);

  const whole = fakePeer();
  const response = requestHttp(whole.dial, get);
  await whole.asked;
  whole.receive('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
  expect(await (await response).text()).toBe('x');
  expect(whole.isClosed()).toBe(true);
});

test('a head that does not come in time is given up, and so is a dial; a slow body is not', async () => {
  const peer = fakePeer();
  await expect(requestHttp(peer.dial, get, { headTimeoutMilliseconds: 20 })).rejects.toEqual(refusedWith('timed-out'));
  expect(peer.isClosed()).toBe(true);

  let answer = (_: Awaited<ReturnType<Dial>>) => {};
  const slowDial: Dial = () => new Promise(resolve => (answer = resolve));
  await expect(requestHttp(slowDial, get, { headTimeoutMilliseconds: 20 })).rejects.toEqual(refusedWith('timed-out'));
  const late = fakePeer();
  answer(await late.dial());
  await new Promise(resolve => setTimeout(resolve, 5));
  expect(late.isClosed()).toBe(true);
  expect(late.sent()).toBe('');

  const slow = fakePeer();
  const pending = requestHttp(slow.dial, get, { headTimeoutMilliseconds: 20 });
  await slow.asked;
  slow.receive('HTTP/1.1 200 OK\r\n\r\n');
  const text = (await pending).text();
  await new Promise(resolve => setTimeout(resolve, 40));
  slow.receive('late');
  slow.close();
  expect(await text).toBe('late');
});

test('a dial that fails and a connection that breaks give their own error', async () => {
  const gone = new SandboxError('guest-unreachable', 'Nothing answers at :80 in the guest.');
  await expect(requestHttp(() => Promise.reject(gone), get)).rejects.toBe(gone);
  await expect(requestHttp(() => Promise.reject(new Error('odd')), get)).rejects.toEqual(refusedWith('guest-unreachable', /odd/));
  const peer = fakePeer();
  const pending = requestHttp(peer.dial, get);
  await peer.asked;
  peer.close(gone);
  await expect(pending).rejects.toBe(gone);
});

test('what the reader of the body has not taken is not acknowledged', async () => {
  const peer = fakePeer();
  const pending = requestHttp(peer.dial, { method: 'GET', path: '/' });
  await peer.asked;
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n';
  peer.receive(`${head}0123456789`);
  const response = await pending;
  peer.receive('01234567890123456789');
  expect(peer.acknowledged()).toBe(head.length);
  await response.text();
  expect(peer.acknowledged()).toBe(head.length + 30);
});

test('it talks to a real HTTP server', async () => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.write(`${request.method} ${request.url} `);
      response.end(Buffer.concat(parts));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const dial: Dial = () =>
    new Promise((resolve, reject) => {
      const [data, closed] = [new Emitter<Uint8Array>(), new Emitter<SandboxError | undefined>()];
      const socket = connect(port, '127.0.0.1', () =>
        resolve({
          onData: data.event,
          onClose: closed.event,
          acknowledge: () => undefined,
          write: bytes => new Promise(written => socket.write(bytes, () => written())),
          end: () => socket.end(),
          close: () => socket.destroy(),
        }),
      );
      socket.on('error', reject);
      socket.on('data', bytes => data.emit(bytes));
      socket.on('end', () => closed.emit(undefined));
    });
  try {
    const big = Buffer.alloc(300_000, 'z');
    const response = await requestHttp(dial, { method: 'POST', path: '/up', body: big });
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    const text = await response.text();
    expect([text.slice(0, 9), text.length]).toEqual(['POST /up ', 300_009]);
  } finally {
    server.close();
  }
});
