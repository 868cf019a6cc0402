import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a server of the test answers an address. */
export interface OutsideAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  /** `slow`: the head and half of the body come, then nothing. `dies`: then the connection is cut. `silent`: nothing comes at all. */
  readonly fault?: 'slow' | 'dies' | 'silent';
  /** False: the answer does not allow other sites (CORS). */
  readonly isOpen?: boolean;
}

/** A server outside, on this machine: what a package index or a registry would be. It allows other sites unless told. */
export class OutsideServer {
  /** By path, without the host. */
  readonly answers = new Map<string, OutsideAnswer>();
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** `port`: the one that an earlier one had; any unless told. */
  static async start(port = 0): Promise<OutsideServer> {
    const server = new OutsideServer();
    await new Promise<void>(resolve => server.#server.listen(port, '127.0.0.1', resolve));
    server.host = `127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  host = '';

  /** `http://127.0.0.1:…/`. */
  get address(): string {
    return `http://${this.host}/`;
  }

  /** Cuts what is under way, and answers nobody any more. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }

  #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const answer = this.answers.get(decodeURIComponent(url));
    if (method !== 'HEAD') this.asked.push(decodeURIComponent(url));
    const { body = '', fault, isOpen = true, status = 200, type = 'application/octet-stream' } = answer ?? { status: 404, body: 'not here' };
    if (fault === 'silent') return;
    const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
    response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...(isOpen && { 'access-control-allow-origin': '*' }) });
    if (fault === undefined) {
      response.end(method === 'HEAD' ? undefined : bytes);
      return;
    }
    response.write(bytes.subarray(0, bytes.length / 2), () => fault === 'dies' && response.destroy());
  }
}
