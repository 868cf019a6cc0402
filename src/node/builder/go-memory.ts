import type { Guest } from '../../core/sandbox/guest/guest.ts';
import { runInGuest } from './offline-guest.ts';

/**
 * A Go program that was started with `GOGC=off` collects garbage only when it has used the memory that GOMEMLIMIT names, and until then
 * its garbage would be downloaded with the saved machine. Nothing from outside can ask such a program to collect: its limit is therefore
 * lowered for a moment, in its memory, as `debug.SetMemoryLimit` would do from inside. Go then collects and gives free pages back.
 */

const MEBIBYTE = 1024 ** 2;
/** What `service_environment` of the agent gives the daemons. */
const USUAL_LIMIT = 64 * MEBIBYTE;
/** Less than any of them can do with, so that it collects at once. */
const LOW_LIMIT = MEBIBYTE;
/** Go returns free memory in the background, with a hundredth of the processor's time. */
const ROUNDS = 12;
const ROUND_MILLISECONDS = 2000;
/** Less than this, in KB, is no progress. */
const PROGRESS_KILOBYTES = 512;

/** The daemons of the engine, and a command that has both of them allocate something: they look at the limit only then. */
const DAEMONS = ['dockerd', 'containerd'];
const ALLOCATE = 'docker ps -aq; docker images -q; docker version';

/**
 * Finds the limit in the variables of a Go program, as an offset: Go's collector keeps it in `gcController` (runtime/mgcpacer.go of Go 1.24), right
 * behind the percentage, which is -1 when collecting is off. Undefined where it is not there exactly once.
 */
export function findMemoryLimit(variables: Buffer, limit: number): number | undefined {
  const wanted = Buffer.alloc(16);
  wanted.writeInt32LE(-1, 0);
  wanted.writeBigInt64LE(BigInt(limit), 8);
  const at = variables.indexOf(wanted);
  return at < 0 || variables.includes(wanted, at + 1) ? undefined : at + 8;
}

/** Where the variables of a program are: what it may write of its own file, and the memory without a file right behind it. */
export function variableAreas(maps: string, program: string): { start: number; end: number }[] {
  const areas: { start: number; end: number }[] = [];
  let isNext = false;
  for (const line of maps.trim().split('\n')) {
    const [, start, end, access, name] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
    if (start === undefined) continue;
    const isOwn: boolean = name!.endsWith(`/${program}`) || (isNext && name === '');
    if (isOwn && access!.startsWith('rw')) areas.push({ start: parseInt(start, 16), end: parseInt(end!, 16) });
    isNext = isOwn;
  }
  return areas;
}

interface Daemon {
  readonly pid: string;
  /** The address of its limit. */
  readonly address: number;
}

const PAGE_BYTES = 4096;

async function findDaemon(guest: Guest, program: string): Promise<Daemon> {
  const pid = (await runInGuest(guest, `pidof ${program}`)).trim();
  for (const { start, end } of variableAreas(await runInGuest(guest, `cat /proc/${pid}/maps`), program)) {
    const copy = `dd if=/proc/${pid}/mem bs=${PAGE_BYTES} skip=${start / PAGE_BYTES} count=${(end - start) / PAGE_BYTES} 2>/dev/null | base64 -w 0`;
    const offset = findMemoryLimit(Buffer.from(await runInGuest(guest, copy), 'base64'), USUAL_LIMIT);
    if (offset !== undefined) return { pid, address: start + offset };
  }
  throw new Error(`${program} has no memory limit of ${USUAL_LIMIT} bytes where Go 1.24 keeps it: see go-memory.ts`);
}

async function setLimit(guest: Guest, { pid, address }: Daemon, limit: number): Promise<void> {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(limit));
  const escaped = [...bytes].map(byte => String.raw`\x${byte.toString(16).padStart(2, '0')}`).join('');
  await runInGuest(guest, `printf '${escaped}' | dd of=/proc/${pid}/mem bs=1 seek=${address} conv=notrunc 2>/dev/null`);
}

/** How much memory of their own the daemons have, in KB. */
async function ownKilobytes(guest: Guest, daemons: readonly Daemon[]): Promise<number> {
  const status = await runInGuest(guest, `cat ${daemons.map(({ pid }) => `/proc/${pid}/status`).join(' ')}`);
  return [...status.matchAll(/^RssAnon:\s+(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Has the engine's daemons collect their garbage and give the memory back to the kernel. */
export async function giveBackGarbage(guest: Guest, report: (message: string) => void): Promise<void> {
  const daemons: Daemon[] = [];
  for (const program of DAEMONS) daemons.push(await findDaemon(guest, program));
  const before = await ownKilobytes(guest, daemons);
  let now = before;
  for (const daemon of daemons) await setLimit(guest, daemon, LOW_LIMIT);
  for (let round = 0; round < ROUNDS; round++) {
    await runInGuest(guest, ALLOCATE);
    await new Promise(resolve => setTimeout(resolve, ROUND_MILLISECONDS));
    const left = await ownKilobytes(guest, daemons);
    const isDone = round > 1 && now - left < PROGRESS_KILOBYTES;
    now = left;
    if (isDone) break;
  }
  for (const daemon of daemons) await setLimit(guest, daemon, USUAL_LIMIT);
  report(`garbage of the daemons: ${before} KB of memory before, ${now} KB now`);
}
