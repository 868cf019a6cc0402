import { connect } from 'node:net';
import { Emitter } from '../../src/core/base/events.ts';
import { SandboxError } from '../../src/core/base/errors.ts';
import type { Connection } from '../../src/core/network/connection.ts';
import { CookieJar } from '../../src/core/preview/cookie-jar.ts';
import { PREVIEW_VERSION, type OpenPort, type PreviewCall, type PreviewNote } from '../../src/core/preview/preview-call.ts';
import { PreviewServer } from '../../src/core/preview/preview-server.ts';
import { SandboxChannel } from '../../src/service-worker/sandbox-channel.ts';

export const SITE = 'https://school.example/';

/** A connection to a port of this computer, as the agent gives one to a port of the guest: read only as fast as it is acknowledged. */
function dialHere(target: string, open: Set<Connection>): Promise<Connection> {
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

/** Both ends of the way from the service worker to a port, without a browser and without a guest. */
export class CarriedPort {
  readonly notes: PreviewNote[] = [];
  /** Connections that are open now. */
  readonly connections = new Set<Connection>();
  ports: readonly OpenPort[] = [];
  /** What the page does with a call; tests replace it. */
  page = (call: PreviewCall, port: MessagePort): void => {
    port.postMessage({ kind: 'taken' });
    void this.#server.serve(call, port as never);
  };
  readonly #server = new PreviewServer(
    { dial: target => dialHere(target, this.connections), ports: () => Promise.resolve(this.ports) },
    new CookieJar(),
  );

  constructor(readonly port: number) {}

  ask(path: string, options: { method?: string; body?: Blob; headers?: [string, string][]; hasCookies?: boolean } = {}): SandboxChannel {
    const { body, headers = [], hasCookies = true, method = 'GET' } = options;
    const call: PreviewCall = { kind: 'preview-call', version: PREVIEW_VERSION, route: { port: this.port, path }, method, headers, hasCookies };
    const client = {
      postMessage: (message: PreviewCall | PreviewNote, [port]: Transferable[] = []) => {
        if (message.kind === 'preview-note') this.notes.push(message);
        else this.page(message, port as MessagePort);
      },
    };
    return new SandboxChannel(client, body === undefined ? call : { ...call, bodyBytes: body.size }, body, SITE);
  }

  async fetch(...call: Parameters<CarriedPort['ask']>): Promise<Response> {
    const answer = await this.ask(...call).answer;
    if (answer.kind !== 'response') throw new Error(JSON.stringify(answer));
    return answer.response;
  }
}
