import { readdir, readFile } from 'node:fs/promises';
import type { ProcessUsage } from './session.ts';

/** Linux counts CPU time in these for every program, whatever its own tick is (USER_HZ). */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

interface ProcessState {
  readonly parent: number;
  readonly cpuSeconds: number;
}

async function stateOf(pid: number): Promise<ProcessState> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name, in brackets and with any character in it: count from its end (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}

/** Memory of a process, in bytes: its share (PSS) where that can be read, else all that it has mapped (RSS). */
async function memoryOf(pid: number): Promise<number> {
  const pss = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const text = pss === '' ? await readFile(`/proc/${pid}/status`, 'utf8') : pss;
  const kib = /^(?:Pss|VmRSS):\s+(\d+) kB$/m.exec(text)?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid} does not tell the memory of the process`);
  return Number(kib) * KIB;
}

export async function usageOf(pid: number): Promise<ProcessUsage> {
  return { cpuSeconds: (await stateOf(pid)).cpuSeconds, memoryBytes: await memoryOf(pid) };
}

async function eachProcess<T>(look: (pid: number) => Promise<T | undefined>): Promise<T[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
  // A process may end while it is being read.
  const found = await Promise.all(pids.map(pid => look(pid).catch(() => undefined)));
  return found.filter(value => value !== undefined) as T[];
}

function commandLineOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8');
}

/** The browser whose profile is in `profile`: its first process. */
async function findBrowser(profile: string): Promise<number> {
  const pids = await eachProcess(async pid => {
    const line = await commandLineOf(pid);
    return line.includes(`--user-data-dir=${profile}`) && !line.includes('--type=') ? pid : undefined;
  });
  // A wrapper script may stand before the browser.
  const pid = Math.max(...pids);
  if (pids.length === 0) throw new Error("Chromium's process was not found in /proc");
  return pid;
}

interface BrowserProcess {
  readonly pid: number;
  /** What Chromium calls it: renderer, gpu-process, utility, ...; `browser` for the first. */
  readonly kind: string;
  readonly memoryBytes: number;
}

async function processesOf(profile: string): Promise<BrowserProcess[]> {
  const browser = await findBrowser(profile);
  const parents = new Map(await eachProcess(async pid => [pid, (await stateOf(pid)).parent] as const));
  const isOfBrowser = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === browser) return true;
    return false;
  };
  return eachProcess(async pid => {
    if (!isOfBrowser(pid)) return undefined;
    const kind = /--type=([\w-]+)/.exec(await commandLineOf(pid))?.[1] ?? 'browser';
    return { pid, kind, memoryBytes: await memoryOf(pid) };
  });
}

/** The process that a browser shows its page in: the largest of its renderers. */
export async function findRenderer(profile: string): Promise<number> {
  const renderers = (await processesOf(profile)).filter(({ kind }) => kind === 'renderer');
  const largest = renderers.sort((a, b) => b.memoryBytes - a.memoryBytes)[0];
  if (!largest) throw new Error("the page's renderer process was not found in /proc");
  return largest.pid;
}

/** Bytes of memory of a browser's processes, by kind. */
export async function memoryByKind(profile: string): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const { kind, memoryBytes } of await processesOf(profile)) sums[kind] = (sums[kind] ?? 0) + memoryBytes;
  return sums;
}
