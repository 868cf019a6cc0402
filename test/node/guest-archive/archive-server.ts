import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a server treats whoever asks it for an archive. */
export interface ServerHabits {
  /** Gives parts of a file where it is asked for them (RFC 9110, section 14). */
  readonly hasRanges?: boolean;
  /** Breaks the connection of the first so many answers after so many bytes. */
  readonly breaks?: { readonly answers: number; readonly afterBytes: number };
  /** Says nothing more after so many bytes, and leaves the connection open. */
  readonly fallsSilentAfterBytes?: number;
  /** Answers so, whatever is asked for. */
  readonly status?: number;
}

/** A server on loopback that has one archive, at any path. */
export interface ArchiveServer {
  readonly address: string;
  /** What was asked for: `GET /path bytes=0-0`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Serves a file. */
export async function serveArchive(file: string, habits: ServerHabits): Promise<ArchiveServer> {
  const whole = await readFile(file);
  const requests: string[] = [];
  let broken = 0;
  const send = (response: ServerResponse, bytes: Buffer): void => {
    const { breaks, fallsSilentAfterBytes: silentAfter } = habits;
    if (breaks && broken < breaks.answers && bytes.length > breaks.afterBytes) {
      broken += 1;
      response.write(bytes.subarray(0, breaks.afterBytes), () => response.destroy());
    } else if (silentAfter !== undefined && bytes.length > silentAfter) response.write(bytes.subarray(0, silentAfter));
    else response.end(bytes);
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? 'whole'}`);
    if (habits.status !== undefined) {
      response.writeHead(habits.status).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (habits.hasRanges !== true || !range) {
      response.writeHead(200, { 'content-length': whole.length });
      send(response, whole);
      return;
    }
    const [from, to] = [Number(range[1]), Number(range[2])];
    const part = whole.subarray(from, to + 1);
    response.writeHead(206, { 'content-length': part.length, 'content-range': `bytes ${from}-${from + part.length - 1}/${whole.length}` });
    send(response, part);
  };
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
