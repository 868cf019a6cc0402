import { SandboxError } from '../base/errors.ts';
import type { HostFacts, Namespaces, Process, VmFacts } from './lab-state.ts';

/** What the host can say about a container without asking the engine. */
export interface SeenFromHost {
  readonly host: HostFacts;
  readonly memoryBytes: number;
  readonly bareMilliseconds: number;
  readonly processes: readonly Process[];
  readonly namespaces: Namespaces;
}

const HOST_SCRIPT = [
  'set -- /proc/[0-9]*; echo "count $#"',
  'read -r kernel < /proc/sys/kernel/osrelease; echo "kernel $kernel"',
  'read -r boot < /proc/sys/kernel/random/boot_id; echo "boot $boot"',
];

const CONTAINER_SCRIPT = [
  'read -r group < /proc/$pid/cgroup; group=/sys/fs/cgroup${group#0::}',
  'read -r memory < $group/memory.current; echo "memory $memory"',
  'while read -r member; do',
  '  read -r name < /proc/$member/comm',
  '  while read -r key value; do [ "$key" = NSpid: ] && inside=${value##*[!0-9]}; done < /proc/$member/status',
  '  echo "process $member $inside $name"',
  'done < $group/cgroup.procs',
  // What the kernel does for a container, without the engine: a process in new namespaces.
  'before=$EPOCHREALTIME; unshare -m -u -i -n -p -f true; after=$EPOCHREALTIME',
  'echo "bare $((${after/[.,]/} - ${before/[.,]/}))"',
];

/**
 * Looks at the host and at a container on it, from outside, through the host's /proc and /sys/fs/cgroup. `pid` is the container's process 1
 * as the host numbers it; undefined for the host alone.
 */
export function lookFromHost(pid: number | undefined): string {
  const lines = pid === undefined ? HOST_SCRIPT : [...HOST_SCRIPT, `pid=${pid}`, ...CONTAINER_SCRIPT];
  return [...lines, `ls -l /proc/1/ns/${pid === undefined ? '' : ` /proc/${pid}/ns/`}`].join('\n');
}

/** Looks around in the virtual machine, with what its small shell has. The shell that looks does not count itself. */
export const LOOK_INSIDE_VM = [
  'for folder in /proc/[0-9]*; do',
  '  [ $folder = /proc/$$ ] && continue',
  '  read -r name < $folder/comm || continue',
  '  if [ -e $folder/exe ]; then echo "process ${folder#/proc/} 0 $name"; else echo thread; fi',
  'done',
  'ls -l /proc/1/ns/',
].join('\n');

/** Reads the answer to `lookFromHost`. */
export function parseSeenFromHost(text: string, pid: number | undefined): SeenFromHost {
  const read = readLines(text);
  return {
    host: { kernel: read.word('kernel'), bootId: read.word('boot'), processCount: Number(read.word('count')), namespaces: read.namespaces('1') },
    bareMilliseconds: pid === undefined ? 0 : Number(read.word('bare')) / 1000,
    memoryBytes: pid === undefined ? 0 : Number(read.word('memory')),
    processes: read.processes,
    namespaces: pid === undefined ? {} : read.namespaces(String(pid)),
  };
}

/** Reads the answer to `LOOK_INSIDE_VM`. */
export function parseInsideVm(text: string): Omit<VmFacts, 'memory'> {
  const read = readLines(text);
  return {
    processes: read.processes.map(({ pid, name }) => ({ pid, name })),
    kernelThreads: text.split('\n').filter(line => line === 'thread').length,
    namespaces: read.namespaces('1'),
  };
}

interface Lines {
  word(key: string): string;
  readonly processes: readonly Process[];
  namespaces(pid: string): Namespaces;
}

function readLines(text: string): Lines {
  const lines = text.split('\n');
  const word = (key: string): string => {
    const line = lines.find(one => one.startsWith(`${key} `));
    if (line === undefined) throw new SandboxError('guest-unreachable', `What was measured cannot be read: it lacks "${key}".`);
    return line.slice(key.length + 1).trim();
  };
  const processes = lines.flatMap(line => {
    const found = /^process (\d+) (\d*) (.*)$/.exec(line);
    if (!found) return [];
    return [{ pid: Number(found[1]), name: found[3]!, insidePid: Number(found[2]) }];
  });
  return { word, processes, namespaces: pid => namespacesOf(lines, pid) };
}

/** `ls` heads each folder's list with its name where there are two; of one alone it says nothing. */
function namespacesOf(lines: readonly string[], pid: string): Namespaces {
  const found: Record<string, string> = {};
  let current = '1';
  for (const line of lines) {
    current = /^\/proc\/(\d+)\/ns\/?:$/.exec(line)?.[1] ?? current;
    const link = / (\w+) -> (\w+:\[\d+\])$/.exec(line);
    if (link && current === pid) found[link[1]!] = link[2]!;
  }
  return found;
}
