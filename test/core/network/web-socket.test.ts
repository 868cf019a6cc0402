import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { WebSocketClient, type WebSocketEnd, type WebSocketRequest } from '../../../src/core/network/web-socket.ts';
import { FrameReader } from '../../../src/core/network/web-socket-frames.ts';
import { dialHere } from '../../support/dial-here.ts';

/** A server of the library `ws`, which nearly every program of Node's that speaks WebSocket has in it. */
let server: WebSocketServer;
let dial: () => ReturnType<typeof dialHere>;
const end = new AbortController();

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: protocols => (protocols.has('chat') ? 'chat' : false) });
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  dial = () => dialHere(`:${port}`);
});

afterEach(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

interface Heard {
  readonly client: WebSocketClient;
  readonly messages: (string | Uint8Array)[];
  readonly opened: string[];
  readonly ended: { readonly end: WebSocketEnd; readonly problem?: string | undefined }[];
}

async function open(request: Partial<WebSocketRequest> = {}, isConsuming = true): Promise<Heard> {
  const heard = { messages: [] as (string | Uint8Array)[], opened: [] as string[], ended: [] as Heard['ended'][number][] };
  const asked = { path: '/', headers: [['Host', 'localhost']] as const, protocols: [], ...request };
  const listener = {
    onOpen: (protocol: string) => void heard.opened.push(protocol),
    onMessage: (data: string | Uint8Array, byteCount: number) => {
      heard.messages.push(data);
      if (isConsuming) client.consumed(byteCount);
    },
    onEnd: (how: WebSocketEnd, problem?: string) => void heard.ended.push({ end: how, problem }),
  };
  const client = await WebSocketClient.connect(dial, asked, listener, end.signal);
  return { client, ...heard };
}

async function accepted(request: Partial<WebSocketRequest> = {}, isConsuming = true): Promise<Heard & { readonly other: ServerSocket }> {
  const coming = new Promise<ServerSocket>(resolve => server.once('connection', resolve));
  const heard = await open(request, isConsuming);
  const other = await coming;
  await vi.waitUntil(() => heard.opened.length === 1);
  return { ...heard, other };
}

describe('a WebSocket', () => {
  test('sends and takes text and bytes of every length', async () => {
    const { client, messages, other } = await accepted();
    other.on('message', (data, isBinary) => other.send(data, { binary: isBinary }));
    const lengths = [0, 1, 125, 126, 65_535, 65_536, 300_000];
    for (const length of lengths) {
      await client.send('ä'.repeat(length / 2));
      await client.send(new Uint8Array(length).fill(7));
    }
    await vi.waitUntil(() => messages.length === 2 * lengths.length);
    expect(messages.filter((_, index) => index % 2 === 0)).toEqual(lengths.map(length => 'ä'.repeat(length / 2)));
    expect(messages.filter((_, index) => index % 2 === 1).map(({ length }) => length)).toEqual(lengths);
  });

  test('takes a message in parts, with a ping between them, and answers the ping', async () => {
    const { messages, other } = await accepted();
    const pong = new Promise(resolve => other.once('pong', data => resolve(data.toString())));
    other.send('one ', { fin: false });
    other.ping('are you there');
    other.send('two', { fin: true });
    await vi.waitUntil(() => messages.length === 1);
    expect([messages, await pong]).toEqual([['one two'], 'are you there']);
  });

  test('names the subprotocol that the server chose', async () => {
    expect((await accepted({ protocols: ['other', 'chat'] })).opened).toEqual(['chat']);
    expect((await accepted()).opened).toEqual(['']);
  });

  test('is closed by either side, with code and reason', async () => {
    const first = await accepted();
    first.other.close(4001, 'enough');
    await vi.waitUntil(() => first.ended.length === 1);
    expect(first.ended[0]?.end).toEqual({ code: 4001, reason: 'enough', wasClean: true });
    const second = await accepted();
    const told = new Promise(resolve => second.other.once('close', (code, reason) => resolve([code, reason.toString()])));
    second.client.close(3000, 'done');
    expect(await told).toEqual([3000, 'done']);
    await vi.waitUntil(() => second.ended.length === 1);
    expect(second.ended[0]?.end).toEqual({ code: 3000, reason: 'done', wasClean: true });
  });

  test('that breaks off says 1006', async () => {
    const { ended, other } = await accepted();
    other.terminate();
    await vi.waitUntil(() => ended.length === 1);
    expect(ended[0]?.end).toEqual({ code: 1006, reason: '', wasClean: false });
  });

  test('holds the server up while its messages are not dealt with', async () => {
    const { client, messages, other } = await accepted({}, false);
    for (let count = 0; count < 16; count++) other.send(Buffer.alloc(1024 * 1024));
    await new Promise(resolve => setTimeout(resolve, 300));
    const waiting = messages.length;
    expect(waiting).toBeLessThan(8);
    for (let told = 0; told < 16;) {
      await vi.waitUntil(() => messages.length > told);
      client.consumed(messages[told++]!.length);
    }
    expect(messages.length).toBe(16);
  });
});

describe('what is no WebSocket', () => {
  test.each([
    ['HTTP/1.1 404 Not Found\r\n\r\n', 'The server answered 404 to the handshake, not 101.'],
    ['HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: no\r\n\r\n', 'its answer to the handshake does not fit the question'],
    ['SSH-2.0-OpenSSH\r\n', 'does not begin like an HTTP/1.1 response'],
  ])('is refused with the reason: %j', async (answer, problem) => {
    const plain = createServer();
    plain.on('connection', socket => socket.end(answer));
    await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    dial = () => dialHere(`:${port}`);
    const { ended, opened } = await open();
    await vi.waitUntil(() => ended.length === 1);
    expect([opened, ended[0]?.end.code]).toEqual([[], 1006]);
    expect(ended[0]?.problem).toContain(problem);
    plain.close();
  });

  test.each([
    ['masked', [0x81, 0x81, 1, 2, 3, 4, 5]],
    ['of an extension', [0xc1, 0x01, 65]],
    ['a long ping', [0x89, 126, 0, 200]],
    ['a ping in parts', [0x09, 0x01, 65]],
    ['too long a message', [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0]],
  ])('a frame that no server may send ends it: %s', (_, bytes) => {
    expect(() => [...new FrameReader().push(Uint8Array.from(bytes))]).toThrow();
  });

  test('frames are read wherever their bytes are cut', () => {
    const bytes = Uint8Array.from([0x81, 0x02, 65, 66, 0x82, 126, 0, 126, ...Array.from({ length: 126 }, (_, index) => index), 0x88, 0x00]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new FrameReader();
      const frames = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
      expect(frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
        [1, 2],
        [2, 126],
        [8, 0],
      ]);
    }
  });
});
