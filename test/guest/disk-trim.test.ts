/** The disk gives back what the guest has deleted, whatever else the guest writes meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Guest } from '../../src/core/sandbox/guest/guest.ts';
import { DiskTrimmer } from '../../src/core/sandbox/guest/disk-trimmer.ts';
import { startGuest } from '../support/guest.ts';

const MIB = 1024 * 1024;

let guest: Guest;
beforeAll(async () => {
  guest = await startGuest();
});
afterAll(() => guest?.machine.dispose());

async function run(command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await guest.agent.run(command, { timeoutMilliseconds: 300_000 });
  expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** One that looks when it is told to, not by itself. */
function quietTrimmer(): DiskTrimmer {
  const trimmer = new DiskTrimmer(guest);
  trimmer.stop();
  return trimmer;
}

const writtenBytes = (): number => guest.machine.look().writtenBlocks.size * 4096;

/** Reads files again from the disk, not from the guest's memory. */
const check = (list: string): Promise<string> => run(`sync; echo 3 > /proc/sys/vm/drop_caches; sha256sum -c ${list} | grep -v ': OK$' || true`);

describe('blocks of deleted files', () => {
  it('are given back, and the other files are whole', async () => {
    const trimmer = quietTrimmer();
    await run('mkdir /root/t && cd /root/t && for n in $(seq 8); do head -c 2M /dev/urandom > keep$n; head -c 3M /dev/urandom > gone$n; done; sync');
    await run(
      'cd /root/t && sha256sum $PWD/keep* > list && find /usr/bin /etc /var/lib/docker -xdev -type f -size -2000k | head -400 | xargs sha256sum > all',
    );
    const full = writtenBytes();
    await run('rm /root/t/gone*');
    expect(await trimmer.look()).toBeGreaterThan(20 * MIB);
    expect(writtenBytes()).toBeLessThan(full - 20 * MIB);
    expect(await check('/root/t/list')).toBe('');
  });

  it('are given back while programs make and delete files, of which none is damaged', async () => {
    await run(
      "mkdir /root/w && cd /root/w && (setsid sh -c 'n=0; while [ ! -e stop ]; do n=$((n+1)); seq $n $((n+30000)) > f$((n%20)); [ $((n%7)) = 0 ] && sync; [ $((n%11)) = 0 ] && rm -f f1? f5; done; touch over' >/dev/null 2>&1 &)",
    );
    let given = 0;
    for (let round = 0; round < 8; round++) {
      const end = guest.machine.beginTrim();
      await run('sync');
      given += await end();
      await new Promise(resolve => setTimeout(resolve, 1500));
    }
    await run('touch /root/w/stop; until [ -e /root/w/over ]; do sleep 0.2; done');
    expect(given).toBeGreaterThan(0);
    // Each file is the numbers from its first one up: what was taken from it would be zeros, or old.
    await run('sync; echo 3 > /proc/sys/vm/drop_caches');
    const wrong = 'cd /root/w && for f in f*; do n=$(head -n 1 $f); seq $n $((n+30000)) | cmp -s - $f || echo $f; done';
    expect(await run(wrong)).toBe('');
    expect(await check('/root/t/list')).toBe('');
    // What the engine writes by itself meanwhile is not among these.
    expect(
      await run('grep -v -e /containers/ -e /network/ -e buildkit -e engine-id -e .log -e .db /root/t/all > /root/t/quiet; wc -l < /root/t/quiet'),
    ).not.toBe('0\n');
    expect(await check('/root/t/quiet')).toBe('');
  });

  it('are the same ones again and again: to write and delete does not fill the browser', async () => {
    const trimmer = quietTrimmer();
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      await run(`head -c 24M /dev/zero | tr '\\0' 'a' > /root/large-${round}; sync; rm /root/large-${round}`);
      await trimmer.look();
      sizes.push(writtenBytes());
    }
    expect(sizes.at(-1)! - sizes[0]!).toBeLessThan(12 * MIB);
  });
});
