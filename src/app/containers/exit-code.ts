import type { ContainerDetails } from '../../core/docker/container-types.ts';

const meanings: Readonly<Record<number, string>> = {
  0: 'it finished without an error',
  1: 'the program reported an error',
  125: 'the engine could not run it',
  126: 'its command is there but cannot be executed',
  127: 'its command was not found',
  130: 'interrupted, as by Ctrl+C (signal 2)',
  134: 'the program aborted itself (signal 6)',
  137: 'killed (signal 9), as by docker kill, or by docker stop when it did not end within 10 seconds',
  139: 'the program touched memory that it may not use (signal 11)',
  143: 'ended when asked to (signal 15), as by docker stop',
};
const FIRST_SIGNAL = 129;
const LAST_SIGNAL = 128 + 64;

/** What a container's exit code says, in a few words. */
export function exitMeaning({ exitCode, isOutOfMemory }: Pick<ContainerDetails, 'exitCode' | 'isOutOfMemory'>): string {
  if (isOutOfMemory) return 'killed by the kernel: it used more memory than there was';
  const known = meanings[exitCode];
  if (known !== undefined) return known;
  if (exitCode >= FIRST_SIGNAL && exitCode <= LAST_SIGNAL) return `ended by signal ${exitCode - 128}`;
  return 'an error of the program’s own, see its logs';
}
