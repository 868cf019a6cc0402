import { formatBytes, visibleName } from '../../session/format.ts';
import type { MemoryTrouble } from '../../session/machine/memory-watch.ts';

/** What happened to the machine's memory and what to do, in the learner's words; `totalBytes` is all it has. */
export function memoryWords(trouble: MemoryTrouble, totalBytes: number): string {
  if (trouble.kind === 'tight') {
    return (
      `The machine has only ${formatBytes(trouble.availableBytes)} of memory left. Stop containers you do not need (docker stop NAME): ` +
      'when memory runs out, the kernel kills the program that uses most.'
    );
  }
  const names = trouble.containers.map(name => `“${visibleName(name)}”`).join(', ');
  const [subject, verb] = trouble.containers.length === 1 ? ['Container', 'was'] : ['Containers', 'were'];
  return (
    `${subject} ${names} ${verb} killed by the kernel (exit code 137): memory ran out. The limit is ${formatBytes(totalBytes)} for the whole machine ` +
    'or less if docker run -m set one. Give it less to do, or stop other containers first (docker stop NAME).'
  );
}
