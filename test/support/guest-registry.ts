import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { sha256 } from '../core/hub/made-pieces.ts';
import { listOf, type MadeImage } from './outside-image.ts';

/**
 * Debian's docker-registry (Distribution), run as a container of the guest and reached from this machine's loopback: a real registry, whatever
 * processor this machine has.
 */
export class GuestRegistry {
  readonly address: string;
  readonly #server: Server;
  /** Cuts every connection that comes from now on after so many bytes of answer. */
  cutAfterBytes = Infinity;

  private constructor(server: Server) {
    this.#server = server;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** Forwards connections to a port of the guest, on which a registry listens. */
  static async reach(sandbox: LocalSandbox, port: number): Promise<GuestRegistry> {
    const server = createServer(socket => {
      socket.on('error', () => socket.destroy());
      let received = 0;
      void sandbox.dial(`:${port}`).then(
        connection => {
          connection.onData(bytes => {
            connection.acknowledge(bytes.length);
            // What fits still goes out, so that an answer breaks off in its middle.
            const fitting = bytes.subarray(0, Math.max(0, registry.cutAfterBytes - received));
            received += bytes.length;
            if (fitting.length === bytes.length) socket.write(bytes);
            else socket.end(fitting);
          });
          connection.onClose(() => socket.end());
          socket.on('data', (bytes: Buffer) => void connection.write(new Uint8Array(bytes)).catch(() => socket.destroy()));
          socket.on('close', () => connection.close());
        },
        () => socket.destroy(),
      );
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const registry = new GuestRegistry(server);
    return registry;
  }

  /** Puts an image for each architecture under one tag, by the registry's own interface (OCI distribution specification). */
  async push(repository: string, tag: string, images: Readonly<Record<string, MadeImage>>): Promise<void> {
    for (const { blobs, manifest } of Object.values(images)) {
      for (const [digest, bytes] of blobs) await this.#pushBlob(repository, digest, bytes);
      await this.#put(`v2/${repository}/manifests/sha256:${sha256(manifest)}`, manifest, 'application/vnd.docker.distribution.manifest.v2+json');
    }
    await this.#put(`v2/${repository}/manifests/${tag}`, listOf(images), 'application/vnd.docker.distribution.manifest.list.v2+json');
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }

  async #pushBlob(repository: string, digest: string, bytes: Uint8Array): Promise<void> {
    const begun = await fetch(`${this.address}v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const location = begun.headers.get('location');
    if (begun.status !== 202 || location === null) throw new Error(`the registry takes no upload: ${begun.status} ${await begun.text()}`);
    const url = new URL(location, this.address);
    url.searchParams.set('digest', digest);
    // The registry names itself by the Host of the request, which is right here.
    await this.#put(url.href.slice(url.origin.length + 1), bytes, 'application/octet-stream');
  }

  async #put(path: string, body: Uint8Array, type: string): Promise<void> {
    const answer = await fetch(`${this.address}${path}`, { method: 'PUT', body: Buffer.from(body), headers: { 'content-type': type } });
    if (answer.status !== 201) throw new Error(`the registry refuses ${path}: ${answer.status} ${await answer.text()}`);
  }
}
