import type { Socket } from 'node:net';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import type { Connection } from '../../../src/core/network/connection.ts';
import { serveHttp, type HttpHandler, type HttpServerOptions } from '../../../src/core/network/http-server.ts';

/** A client that the test plays itself: it sees every byte and decides when writes go through. */
export class FakeClient {
  readonly #data = new Emitter<Uint8Array>();
  readonly #closed = new Emitter<SandboxError | undefined>();
  readonly #received: Uint8Array[] = [];
  #waiting: (() => void)[] = [];
  #isHeld = false;
  #isGone = false;
  acknowledgedBytes = 0;
  hasEnded = false;
  isClosed = false;

  readonly connection: Connection = {
    onData: this.#data.event,
    onClose: this.#closed.event,
    acknowledge: count => {
      this.acknowledgedBytes += count;
    },
    write: async bytes => {
      if (this.#isGone) throw new SandboxError('guest-unreachable', 'The connection is gone.');
      this.#received.push(bytes);
      if (this.#isHeld) await new Promise<void>(resolve => this.#waiting.push(resolve));
    },
    end: () => {
      this.hasEnded = true;
      // A well-behaved client ends too.
      queueMicrotask(() => this.end());
    },
    close: () => {
      this.isClosed = true;
    },
  };

  /** What was received, as latin1, without the Date headers. */
  get received(): string {
    return Buffer.concat(this.#received)
      .toString('latin1')
      .replaceAll(/Date: [^\r]+ GMT\r\n/g, '');
  }

  get receivedBytes(): number {
    return this.#received.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** What was received after the first head. */
  get body(): Uint8Array {
    const all = Buffer.concat(this.#received);
    return new Uint8Array(all.subarray(all.indexOf('\r\n\r\n') + 4));
  }

  send(bytes: Uint8Array | string): void {
    this.#data.emit(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Ends the client's side, or breaks the connection. */
  end(error?: SandboxError): void {
    this.#isGone ||= error !== undefined;
    this.#closed.emit(error);
  }

  /** From now on a write waits until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#waiting.splice(0).forEach(go => go());
  }
}

/** Sends bytes to a server in pieces cut at the given offsets, ends, and gives the whole answer. */
export async function converse(handle: HttpHandler, bytes: string, cuts: readonly number[] = [], options?: HttpServerOptions): Promise<FakeClient> {
  const client = new FakeClient();
  const over = serveHttp(client.connection, handle, options);
  const bounds = [0, ...cuts, bytes.length];
  for (let index = 1; index < bounds.length; index++) client.send(bytes.slice(bounds[index - 1], bounds[index]));
  client.end();
  await over;
  return client;
}

/** A GET of one path with any headers, on a connection of its own. */
export function get(handle: HttpHandler, path: string, headers: readonly string[] = [], method = 'GET'): Promise<FakeClient> {
  const fields = ['Host: 10.86.0.1', ...headers].map(field => `${field}\r\n`).join('');
  return converse(handle, `${method} ${path} HTTP/1.1\r\n${fields}\r\n`);
}

/** A connection over a real socket. */
export function connectionOf(socket: Socket): Connection {
  const [data, closed] = [new Emitter<Uint8Array>(), new Emitter<SandboxError | undefined>()];
  socket.on('data', bytes => data.emit(bytes));
  socket.on('end', () => closed.emit(undefined));
  socket.on('error', error => closed.emit(new SandboxError('guest-unreachable', error.message, { cause: error })));
  return {
    onData: data.event,
    onClose: closed.event,
    acknowledge: () => {},
    write: bytes => new Promise((resolve, reject) => socket.write(bytes, error => (error ? reject(error) : resolve()))),
    end: () => socket.end(),
    close: () => socket.destroy(),
  };
}
