/** What the commands cost the guest: counts, which do not depend on the machine that runs the tests. See docs/performance.md. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { MachineManifest } from '../../src/core/sandbox/load/manifest.ts';
import { builtGuest } from '../support/built-guest.ts';
import { folderHost } from '../../src/node/machine/folder-host.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { succeed } from './learner.ts';

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

const RUN = 'docker run --rm busybox echo hi';

/** Million guest instructions of the cheapest of a few runs: what happens to run in the background is then not in it. */
async function cost(command: string): Promise<number> {
  const counts: number[] = [];
  for (let index = 0; index < 4; index++) {
    const before = sandbox.counters().instructions;
    await succeed(sandbox, command);
    counts.push((sandbox.counters().instructions - before) / 1e6);
  }
  return Math.min(...counts);
}

/** Processes and threads that the guest has started since its boot. */
async function started(): Promise<number> {
  return Number(/^processes (\d+)/m.exec(await succeed(sandbox, 'cat /proc/stat'))![1]);
}

/** Bytes to download before the machine runs. */
async function stateBytes(): Promise<number> {
  const text = new TextDecoder().decode(await folderHost(await builtGuest()).readFile('machine.json', () => undefined));
  const { index, devices, code, pages } = (JSON.parse(text) as MachineManifest).state;
  return [index, devices, code, pages].flatMap(({ pieces }) => pieces).reduce((sum, { bytes }) => sum + bytes, 0);
}

it('the saved machine stays small', async () => {
  // 38 million while the daemons were saved with their garbage and with what they never run.
  expect(await stateBytes()).toBeLessThan(28_500_000);
});

describe('the cost of a command', () => {
  it('docker ps and docker run stay within their number of instructions', async () => {
    expect(await cost('docker ps')).toBeLessThan(40);
    expect(await cost(RUN)).toBeLessThan(165);
  });

  it('docker run starts no more processes and threads than it needs', async () => {
    await succeed(sandbox, RUN);
    const before = await started();
    const runs = 3;
    for (let index = 0; index < runs; index++) await succeed(sandbox, RUN);
    expect((await started()) - before).toBeLessThan(28 * runs);
  });

  it("dockerd's own program is not started again for a container's network", async () => {
    await succeed(sandbox, 'docker run -d --name cost busybox sleep 1000');
    try {
      const config = await succeed(sandbox, 'cat /run/containerd/io.containerd.runtime.v2.task/moby/*/config.json');
      expect(config).toContain('"path":"/usr/lib/drydock/set-key","args":["libnetwork-setkey"');
      expect(await succeed(sandbox, 'docker exec cost ip -o -4 addr show eth0')).toContain('inet 172.17.');
    } finally {
      await succeed(sandbox, 'docker rm -f cost');
    }
  });

  it('a container whose shim was killed is put away all the same', async () => {
    const id = (await succeed(sandbox, 'docker run -d --name orphan busybox sleep 1009')).trim();
    await succeed(sandbox, `kill -9 $(pgrep -f "shim-runc-v2 -namespace moby -id ${id}" | grep -v $$)`);
    await succeed(sandbox, 'for i in $(seq 30); do [ "$(docker inspect -f {{.State.Running}} orphan)" = false ] && break; sleep 1; done');
    expect(await succeed(sandbox, 'docker inspect -f {{.State.Status}} orphan; pgrep -x -f "sleep 1009" || echo gone')).toBe('exited\ngone\n');
    await succeed(sandbox, 'docker rm orphan');
  });
});
