/** The docker command that the sandbox runs once for itself: docs/performance.md says what it brings. */
import { describe, expect, it } from 'vitest';
import { startGuestSandbox } from '../support/guest.ts';
import { learnerAt, PROMPT, succeed } from './learner.ts';

/** Far more than the command takes. */
const SETTLE_MILLISECONDS = 10_000;

/** How many processes and threads a restored guest has started some time after it could be used; each begins with the same count. */
async function startedAfterRestore(warmUp: boolean, key?: string): Promise<{ count: number; trace: string }> {
  const sandbox = await startGuestSandbox({ warmUp });
  try {
    const terminal = await sandbox.openTerminal(0, { columns: 80, rows: 24 });
    if (key !== undefined) await terminal.write(new TextEncoder().encode(key));
    await new Promise(resolve => setTimeout(resolve, SETTLE_MILLISECONDS));
    const count = Number(/^processes (\d+)/m.exec(await succeed(sandbox, 'cat /proc/stat'))![1]);
    const trace = await succeed(sandbox, 'docker ps -aq; docker events --since 1h --until 0s');
    if (key === undefined) expect((await learnerAt(sandbox, 0)).text()).toMatch(PROMPT);
    return { count, trace };
  } finally {
    await sandbox.dispose();
  }
}

describe('the warm-up after the start', () => {
  it('runs the docker command once, unless somebody types already, and leaves no trace', async () => {
    const without = await startedAfterRestore(false);
    const typing = await startedAfterRestore(true, 'd');
    const waiting = await startedAfterRestore(true);
    expect(waiting.trace).toBe(without.trace);
    expect(waiting.count).toBeGreaterThan(without.count + 3);
    expect(typing.count).toBeLessThan(without.count + 3);
  });
});
