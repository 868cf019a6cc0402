import { afterEach, describe, expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { RemoteConnection, serveConnection } from '../../../src/core/protocol/connection-port.ts';
import { fakePeer, type FakePeer } from '../network/fake-dial.ts';

let ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports) port.close();
  ports = [];
});

async function joined(peer: FakePeer): Promise<RemoteConnection> {
  const channel = new MessageChannel();
  ports.push(channel.port1, channel.port2);
  serveConnection(await peer.dial(), channel.port2);
  return new RemoteConnection(channel.port1);
}

/** Everything a connection tells. */
function told(connection: RemoteConnection): string[] {
  const found: string[] = [];
  connection.onData(bytes => found.push(new TextDecoder().decode(bytes)));
  connection.onClose(error => found.push(error === undefined ? 'end' : error.code));
  return found;
}

const aMoment = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20));

describe('a connection over a port', () => {
  test('bytes go both ways in order, and the end is told', async () => {
    const peer = fakePeer();
    const connection = await joined(peer);
    const found = told(connection);
    const sent = new TextEncoder().encode('ask');
    await Promise.all([connection.write(sent), connection.write(new TextEncoder().encode(' more'))]);
    expect(peer.sent()).toBe('ask more');
    expect(sent).toHaveLength(3);
    peer.receive('one');
    peer.receive('two');
    peer.close();
    await expect.poll(() => found).toEqual(['one', 'two', 'end']);
    await expect(connection.write(sent)).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('what arrived before anyone listened is kept, its end too', async () => {
    const peer = fakePeer();
    const connection = await joined(peer);
    peer.receive('early');
    peer.close(new SandboxError('guest-unreachable', 'Cut.'));
    await aMoment();
    expect(told(connection)).toEqual(['early', 'guest-unreachable']);
  });

  test('a close of the page reaches the guest, once, and tells the listeners nothing', async () => {
    const peer = fakePeer();
    const connection = await joined(peer);
    const found = told(connection);
    let over = 0;
    connection.onOver(() => over++);
    connection.close();
    connection.close();
    await expect.poll(() => peer.isClosed()).toBe(true);
    peer.receive('late');
    await aMoment();
    expect(found).toEqual([]);
    expect(over).toBe(1);
  });

  test('a write that the guest refuses rejects with its code', async () => {
    const channel = new MessageChannel();
    ports.push(channel.port1, channel.port2);
    const refuse = () => Promise.reject(new SandboxError('guest-unreachable', 'Gone.'));
    serveConnection({ ...(await fakePeer().dial()), write: refuse }, channel.port2);
    await expect(new RemoteConnection(channel.port1).write(new Uint8Array(1))).rejects.toMatchObject({ code: 'guest-unreachable' });
  });

  test('when the machine dies, writes under way reject and the listeners are told', async () => {
    const channel = new MessageChannel();
    ports.push(channel.port1, channel.port2);
    serveConnection({ ...(await fakePeer().dial()), write: () => new Promise(() => undefined) }, channel.port2);
    const connection = new RemoteConnection(channel.port1);
    const found = told(connection);
    const written = connection.write(new Uint8Array(1));
    connection.fail(new SandboxError('machine-stopped', 'Gone.'));
    await expect(written).rejects.toMatchObject({ code: 'machine-stopped' });
    expect(found).toEqual(['machine-stopped']);
  });
});
