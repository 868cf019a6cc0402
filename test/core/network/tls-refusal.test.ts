import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { refuseTls } from '../../../src/core/network/tls-refusal.ts';
import { connectionOf, FakeClient } from './fake-client.ts';

/** Lets a real TLS client call; gives its error, and what `serve` made of it. */
async function called<T>(options: ConnectionOptions, serve: (socket: Socket) => Promise<T>): Promise<{ error: Error; served: T }> {
  let take: (served: T) => void = () => undefined;
  const served = new Promise<T>(resolve => (take = resolve));
  const server = createServer(socket => void serve(socket).then(take));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    const error = await new Promise<Error>(resolve =>
      connectTls({ ...options, host: '127.0.0.1', port: (server.address() as AddressInfo).port }).on('error', resolve),
    );
    return { error, served: await served };
  } finally {
    server.close();
  }
}

test('a TLS client hears an alert, and we, whom it wanted', async () => {
  for (const options of [{}, { maxVersion: 'TLSv1.2' as const }]) {
    const { error, served } = await called({ ...options, servername: 'Example.ORG' }, socket => refuseTls(connectionOf(socket)));
    expect(error).toMatchObject({ code: expect.stringMatching(/ALERT_ACCESS_DENIED$/) });
    expect(served).toBe('example.org');
  }
  expect((await called({}, socket => refuseTls(connectionOf(socket)))).served).toBeUndefined();
});

test('wherever its first words are cut', async () => {
  const { served: hello } = await called({ servername: 'ghcr.io' }, async socket => {
    const bytes = await new Promise<Buffer>(resolve => socket.once('data', resolve));
    socket.destroy();
    return bytes;
  });
  for (let cut = 0; cut <= hello.length; cut++) {
    const client = new FakeClient();
    const name = refuseTls(client.connection);
    client.send(hello.subarray(0, cut));
    if (cut < hello.length) expect(client.received).toBe('');
    client.send(hello.subarray(cut));
    expect(await name).toBe('ghcr.io');
    expect(client.received).toBe('\x15\x03\x03\x00\x02\x02\x31');
    expect([client.hasEnded, client.isClosed]).toEqual([true, true]);
  }
});

test('what is no TLS, a client that leaves and one that says nothing get no answer', async () => {
  const plain = new FakeClient();
  const name = refuseTls(plain.connection);
  plain.send('GET / HTTP/1.1\r\n');
  expect([await name, plain.received, plain.isClosed]).toEqual([undefined, '', true]);

  const gone = new FakeClient();
  const none = refuseTls(gone.connection);
  gone.send('\x16\x03\x01\x02');
  gone.end(new SandboxError('guest-unreachable', 'gone'));
  expect([await none, gone.isClosed]).toEqual([undefined, true]);

  const silent = new FakeClient();
  expect([await refuseTls(silent.connection, 10), silent.received, silent.isClosed]).toEqual([undefined, '', true]);
});
