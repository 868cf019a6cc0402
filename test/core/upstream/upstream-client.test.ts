import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gathered } from '../../../src/core/base/bytes.ts';
import type { FileDigest } from '../../../src/core/base/file-digest.ts';
import { MemoryKeptFiles } from '../../../src/core/upstream/kept-files.ts';
import type { Transfer } from '../../../src/core/upstream/transfer.ts';
import { UpstreamClient } from '../../../src/core/upstream/upstream-client.ts';
import { createWeb } from '../../../src/core/upstream/web.ts';
import { OutsideServer } from '../../support/outside-server.ts';

const content = Buffer.alloc(300_000, 'wheel ');
const digestOf = (bytes: Uint8Array): FileDigest => ({ algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') });

let server: OutsideServer;
let kept: MemoryKeptFiles;
let client: UpstreamClient;
let transfers: Transfer[];
let end: AbortController;

beforeEach(async () => {
  server = await OutsideServer.start();
  kept = new MemoryKeptFiles();
  client = new UpstreamClient(
    createWeb((address, options) => fetch(address, options)),
    kept,
    500,
  );
  transfers = [];
  client.onTransfer(transfer => transfers.push(transfer));
  end = new AbortController();
});
afterEach(() => server.stop());

const wanted = (path = '/a.whl', digest = digestOf(content)) => ({
  address: `${server.address}${path.slice(1)}`,
  what: 'a.whl',
  digest,
  signal: end.signal,
});
async function read(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}
const page = (path = '/list') => client.page({ address: `${server.address}${path.slice(1)}`, what: 'the list', signal: end.signal });

describe('a file', () => {
  test('is checked, kept, and asked for once', async () => {
    server.answers.set('/a.whl', { body: content });
    expect(await read(client.file(wanted()))).toEqual(content);
    expect(await read(client.file(wanted()))).toEqual(content);
    expect(server.asked).toEqual(['/a.whl']);
    expect(await kept.usedBytes()).toBe(content.length);
    expect(transfers.at(-1)).toEqual({
      id: 1,
      host: server.host,
      what: 'a.whl',
      state: 'done',
      receivedBytes: content.length,
      totalBytes: content.length,
    });
  });

  test('that is kept needs no server', async () => {
    server.answers.set('/a.whl', { body: content });
    await read(client.file(wanted()));
    await server.stop();
    expect(await read(client.file(wanted()))).toEqual(content);
  });

  test('that is not what it should be never ends, and is not kept', async () => {
    server.answers.set('/a.whl', { body: content });
    const pieces: Uint8Array[] = [];
    const reading = (async () => {
      for await (const piece of client.file(wanted('/a.whl', digestOf(Buffer.from('other'))))) pieces.push(piece);
    })();
    await expect(reading).rejects.toThrow(`a.whl from ${server.host} is not what it should be: its sha256 is different.`);
    expect(Buffer.concat(pieces).length).toBeLessThan(content.length);
    expect(await kept.usedBytes()).toBe(0);
    expect(transfers.at(-1)).toMatchObject({ state: 'failed' });
  });

  test('whose server dies in the middle says so', async () => {
    server.answers.set('/a.whl', { body: content, fault: 'dies' });
    await expect(read(client.file(wanted()))).rejects.toThrow(`${server.host} stopped in the middle of a.whl.`);
    expect(await kept.usedBytes()).toBe(0);
  });

  test('whose server sends nothing more is given up, and one that says nothing is asked twice', async () => {
    server.answers.set('/a.whl', { body: content, fault: 'slow' });
    await expect(read(client.file(wanted()))).rejects.toThrow(`${server.host} has sent nothing for 1 seconds.`);
    server.asked.length = 0;
    server.answers.set('/a.whl', { fault: 'silent' });
    await expect(read(client.file(wanted()))).rejects.toThrow('has sent nothing for');
    expect(server.asked).toEqual(['/a.whl', '/a.whl']);
  });

  test('that the server does not have is told with its answer', async () => {
    await expect(read(client.file(wanted()))).rejects.toThrow(`${server.host} answers 404 to a request for a.whl.`);
    expect(server.asked).toEqual(['/a.whl']);
  });

  test('breaks off when the network is switched off', async () => {
    server.answers.set('/a.whl', { body: content, fault: 'slow' });
    const reading = read(client.file(wanted()));
    setTimeout(() => end.abort(new Error('switched off')), 100);
    await expect(reading).rejects.toThrow();
    expect(transfers.at(-1)).toMatchObject({ state: 'failed' });
  });
});

describe('a page', () => {
  test('is asked for once in a while, and is there without the server too', async () => {
    server.answers.set('/list', { body: 'one' });
    expect(Buffer.from((await page()).bytes).toString()).toBe('one');
    await page();
    expect(server.asked).toEqual(['/list']);
    await server.stop();
    const later = new UpstreamClient(
      createWeb((address, options) => fetch(address, options)),
      kept,
      500,
    );
    const again = await later.page({ address: `${server.address}list`, what: 'the list', signal: end.signal });
    expect(Buffer.from(again.bytes).toString()).toBe('one');
  });

  test('of a server that is not there says so', async () => {
    await server.stop();
    await expect(page()).rejects.toThrow(`${server.host} cannot be reached.`);
  });

  test('that is not there is an answer, and is asked for anew', async () => {
    expect((await page()).status).toBe(404);
    await page();
    expect(server.asked).toEqual(['/list', '/list']);
  });
});

describe('the way out', () => {
  test('tells a server that does not allow this site from one that is not there', async () => {
    // A browser's fetch: without the header it gives nothing away, and with `no-cors` only that there was an answer.
    const web = createWeb((_, { mode }) => (mode === 'no-cors' ? Promise.resolve(new Response()) : Promise.reject(new TypeError('Failed to fetch'))));
    await expect(web.get('https://hub.example.org/v2/', { signal: end.signal })).rejects.toMatchObject({
      kind: 'not-allowed',
      message: 'hub.example.org answers, but does not let this site read its answers (CORS).',
    });
  });

  test('does not blame a server that broke off once: it is asked again', async () => {
    let asked = 0;
    const web = createWeb((_, { mode }) => {
      if (mode === 'no-cors') return Promise.resolve(new Response());
      return ++asked === 1 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(new Response('here', { status: 200 }));
    });
    const { body, status } = await web.get('https://hub.example.org/v2/', { signal: end.signal });
    expect([status, Buffer.from(await gathered(body)).toString()]).toEqual([200, 'here']);
  });
});
