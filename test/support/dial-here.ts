import { connect } from 'node:net';
import { Emitter } from '../../src/core/base/events.ts';
import { SandboxError } from '../../src/core/base/errors.ts';
import type { Connection } from '../../src/core/network/connection.ts';

/** A connection to a port of this computer, as the agent gives one to a port of the guest: read only as fast as it is acknowledged. */
export function dialHere(target: string, open = new Set<Connection>()): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const [data, closed] = [new Emitter<Uint8Array>(), new Emitter<SandboxError | undefined>()];
    let unacknowledged = 0;
    const socket = connect(Number(target.slice(1)), '127.0.0.1', () => {
      open.add(connection);
      resolve(connection);
    });
    const connection: Connection = {
      onData: data.event,
      onClose: closed.event,
      acknowledge: byteCount => {
        unacknowledged -= byteCount;
        if (unacknowledged < 65_536) socket.resume();
      },
      write: bytes =>
        new Promise((written, failed) =>
          socket.write(bytes, error => (error ? failed(new SandboxError('guest-unreachable', error.message)) : written())),
        ),
      end: () => socket.end(),
      close: () => socket.destroy(),
    };
    socket.on('error', error => {
      const told = new SandboxError('guest-unreachable', error.message);
      reject(told);
      closed.emit(told);
    });
    socket.on('data', bytes => {
      unacknowledged += bytes.length;
      if (unacknowledged >= 65_536) socket.pause();
      data.emit(bytes);
    });
    socket.on('end', () => closed.emit(undefined));
    socket.on('close', () => open.delete(connection));
  });
}
