/** Programs of the build host. */
import { expect, test } from 'vitest';
import { givingWay, runProgram } from '../../../src/node/builder/run.ts';

/** A program that says how far it gives way, once that was settled. */
const sayNiceness = (): Promise<string> => runProgram('sh', ['-c', 'sleep 0.3; nice']);

test('what is done aside gives way, also in what it does later; the rest does not', async () => {
  const own = Number(await runProgram('nice', []));
  const [aside, beside] = await Promise.all([
    givingWay(own + 5, async () => {
      await new Promise(resolve => setTimeout(resolve, 1));
      return sayNiceness();
    }),
    sayNiceness(),
  ]);
  expect(Number(aside)).toBe(own + 5);
  expect(Number(beside)).toBe(own);
});
