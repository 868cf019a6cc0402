import { formatBytes, visibleName } from '../../session/format.ts';
import type { MemoryTrouble } from '../../session/machine/memory-watch.ts';

/** What happened to the machine's memory and what to do, in the learner's words; `totalBytes` is all it has. */
export function memoryWords(trouble: MemoryTrouble, totalBytes: number): string {
  if (trouble.kind === 'tight') {
    return (
      `The machine has only ${formatBytes(trouble.availableBytes)} of memory left. Stop containers you do not need (docker stop NAME): ` +
      'when it is used up, the kernel ends the program that takes most.'
    );
  }
  const names = trouble.containers.map(name => `“${visibleName(name)}”`).join(', ');
  const [subject, verb] = trouble.containers.length === 1 ? ['Container', 'was'] : ['Containers', 'were'];
  return (
    `${subject} ${names} ${verb} ended by the kernel (exit code 137): the memory it may have was used up, ${formatBytes(totalBytes)} for the whole machine ` +
    'or less where docker run -m says so. Give it less to do, or stop other containers first (docker stop NAME).'
  );
}
