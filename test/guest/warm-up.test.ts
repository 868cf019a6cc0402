/** The docker command that the sandbox runs once for itself: docs/performance.md says what it brings. */
import { afterAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { learnerAt, PROMPT, succeed } from './learner.ts';

/** Far more than the command takes. */
const SETTLE_MILLISECONDS = 10_000;

const sandboxes: LocalSandbox[] = [];
afterAll(() => Promise.all(sandboxes.map(sandbox => sandbox.dispose())));

/** A restored guest that somebody may type into at once. */
async function restored(warmUp: boolean, key?: string): Promise<LocalSandbox> {
  const sandbox = await startGuestSandbox({ warmUp });
  sandboxes.push(sandbox);
  const terminal = await sandbox.openTerminal(0, { columns: 80, rows: 24 });
  if (key !== undefined) await terminal.write(new TextEncoder().encode(key));
  return sandbox;
}

/** How many processes and threads a guest has started since its boot, which for restored ones begin with the same count, and what the engine knows of. */
async function startedIn(sandbox: LocalSandbox): Promise<{ count: number; trace: string }> {
  const count = Number(/^processes (\d+)/m.exec(await succeed(sandbox, 'cat /proc/stat'))![1]);
  return { count, trace: await succeed(sandbox, 'docker ps -aq; docker events --since 1h --until 0s') };
}

describe('the warm-up after the start', () => {
  it('runs the docker command once, unless somebody types already, and leaves no trace', async () => {
    const guests = [await restored(false), await restored(true, 'd'), await restored(true)];
    await new Promise(resolve => setTimeout(resolve, SETTLE_MILLISECONDS));
    const [without, typing, waiting] = [await startedIn(guests[0]!), await startedIn(guests[1]!), await startedIn(guests[2]!)];
    for (const untouched of [guests[0]!, guests[2]!]) expect((await learnerAt(untouched, 0)).text()).toMatch(PROMPT);
    expect(waiting.trace).toBe(without.trace);
    expect(waiting.count).toBeGreaterThan(without.count + 3);
    expect(typing.count).toBeLessThan(without.count + 3);
  });
});
