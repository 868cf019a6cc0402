import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { blobsOfAll, checkOfflineCatalog, OFFLINE_PATH } from '../../core/offline/offline-catalog.ts';
import { checkRelease, RELEASE_PATH, type Release } from '../../core/offline/release.ts';

/** Browsers open so many connections to a server over HTTP/1.1. */
const CONNECTIONS = 6;
const START_MILLISECONDS = 20_000;
const SAMPLE_MILLISECONDS = 200;
/** Linux counts CPU time in these for every program (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** A file that a browser fetches, with its size in bytes as the release says. */
interface Wanted {
  readonly path: string;
  readonly bytes: number;
}

/** What a room full of first visits cost. Times in seconds, sizes in bytes. */
export interface RoomReport {
  readonly clients: number;
  readonly bytesPerClient: number;
  readonly filesPerClient: number;
  readonly seconds: number;
  /** Of the client that was served last, and first. */
  readonly slowestSeconds: number;
  readonly fastestSeconds: number;
  readonly serverCpuSeconds: number;
  readonly serverPeakBytes: number;
}

/**
 * Starts one of the bundle's servers in an unpacked bundle and has so many clients, each with a browser's number of connections, fetch what a first
 * visit fetches: the page, the lessons, the saved machine. Every file is counted; rejects where one does not arrive whole.
 */
export async function tryRoom(bundle: string, server: readonly string[], clients: number): Promise<RoomReport> {
  const wanted = await firstVisit(join(bundle, 'site'));
  const port = await freePort();
  const process = await startServer(bundle, [...server, '--port', String(port), '--only-here'], port);
  try {
    const watch = watchMemory(process.pid!);
    const start = performance.now();
    const times = await Promise.all(Array.from({ length: clients }, () => visit(port, wanted)));
    const seconds = (performance.now() - start) / 1000;
    return {
      clients,
      bytesPerClient: wanted.reduce((sum, { bytes }) => sum + bytes, 0),
      filesPerClient: wanted.length,
      seconds,
      slowestSeconds: Math.max(...times),
      fastestSeconds: Math.min(...times),
      serverCpuSeconds: await cpuSecondsOf(process.pid!),
      serverPeakBytes: await watch(),
    };
  } finally {
    process.kill();
  }
}

/** What a browser fetches at a first visit, and keeps for the next. */
async function firstVisit(site: string): Promise<readonly Wanted[]> {
  const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(site, name), 'utf8'));
  const release: Release = checkRelease(await read(RELEASE_PATH));
  const catalog = checkOfflineCatalog(await read(OFFLINE_PATH));
  const start = catalog.parts.filter(({ kind }) => kind === 'start');
  return [
    ...release.files.filter(({ purpose }) => purpose !== 'disk'),
    ...blobsOfAll(catalog, start).map(({ sha256, bytes }) => ({ path: `machine/blobs/${sha256}.zst`, bytes })),
  ];
}

async function visit(port: number, wanted: readonly Wanted[]): Promise<number> {
  const start = performance.now();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const queue = wanted.values();
  const drain = async (): Promise<void> => {
    for (const file of queue) await fetchWhole(port, file, agent);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, drain));
  agent.destroy();
  return (performance.now() - start) / 1000;
}

function fetchWhole(port: number, { path, bytes }: Wanted, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ port, path: `/${path}`, agent }, response => {
      let arrived = 0;
      response.on('data', (piece: Buffer) => (arrived += piece.length));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200 && arrived === bytes) resolve();
        else reject(new Error(`${path}: the server answered ${response.statusCode} with ${arrived} of ${bytes} bytes`));
      });
    });
    request.on('error', reject);
  });
}

async function startServer(bundle: string, [program, ...args]: readonly string[], port: number): Promise<ChildProcess> {
  const started = spawn(program!, args, { cwd: bundle, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} did not start serving on port ${port}`)), START_MILLISECONDS);
    started.on('error', reject);
    started.on('exit', code => reject(new Error(`${program} ended with exit code ${code}`)));
    started.stdout.on('data', (bytes: Buffer) => {
      if (!String(bytes).includes('Ctrl+C')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return started;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>(resolve => server.close(() => resolve()));
  return port;
}

async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name, in brackets and with any character in it: count from its end (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Looks at a process's memory until the function that it gives is called, which tells the peak in bytes. */
function watchMemory(pid: number): () => Promise<number> {
  let peak = 0;
  const look = async (): Promise<void> => {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1];
    peak = Math.max(peak, Number(kib ?? 0) * 1024);
  };
  const timer = setInterval(() => void look(), SAMPLE_MILLISECONDS);
  return async () => {
    clearInterval(timer);
    await look();
    return peak;
  };
}
