import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineOf } from '../support/engine.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { TerminalSession } from '../../src/core/protocol/sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, learnerAt, noise, PROMPT, succeed, written } from './learner.ts';

const MEBIBYTE = 1024 * 1024;
const SIZE = { columns: 120, rows: 40 };

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

describe('a restored guest', () => {
  it('comes from the saved state, not from a boot', async () => {
    const report = await sandbox.ready;
    expect(report).toMatchObject({ kind: 'restored' });
    expect(report.reason).toBeUndefined();
    expect(report.loadedBytes).toBeGreaterThan(MEBIBYTE);
  });

  it('shows a prompt in each terminal before anything is typed', async () => {
    for (const index of [0, 1, 2]) expect((await learnerAt(sandbox, index)).text()).toMatch(PROMPT);
  });

  it('has the right clock', async () => {
    const before = Date.now();
    const guest = Number(await succeed(sandbox, 'echo $EPOCHREALTIME')) * 1000;
    expect(guest).toBeGreaterThan(before - 2000);
    expect(guest).toBeLessThan(Date.now() + 2000);
  });

  it('keeps the right clock while it works', async () => {
    await succeed(sandbox, 'for i in $(seq 40000); do :; done; sleep 3');
    const before = Date.now();
    const guest = Number(await succeed(sandbox, 'echo $EPOCHREALTIME')) * 1000;
    expect(guest).toBeGreaterThan(before - 2000);
    expect(guest).toBeLessThan(Date.now() + 2000);
  });

  it('has a running engine and tells its status', async () => {
    const status = await new Promise<Parameters<Parameters<LocalSandbox['onStatus']>[0]>[0]>(resolve => {
      const stop = sandbox.onStatus(value => {
        stop();
        resolve(value);
      });
    });
    expect(status.engine).toBe('running');
    expect(status.memoryTotalBytes).toBeGreaterThan(400 * MEBIBYTE);
    expect(status.memoryAvailableBytes).toBeGreaterThan(100 * MEBIBYTE);
    expect(status.memoryAvailableBytes).toBeLessThan(status.memoryTotalBytes);
    expect(status.diskAvailableBytes).toBeGreaterThan(200 * MEBIBYTE);
    expect(status.diskAvailableBytes).toBeLessThan(status.diskTotalBytes);
  });

  it('lists the images in the store of its engine', async () => {
    const tags = (await engineOf(sandbox).images()).flatMap(image => image.tags);
    for (const tag of ['hello-world:latest', 'busybox:latest', 'debian:13-slim', 'python:3.13-slim', 'python:latest']) expect(tags).toContain(tag);
  });

  it('holds no container and nothing in the workspace', async () => {
    expect(await succeed(sandbox, 'docker ps -aq; ls -A /workspace')).toBe('');
  });
});

describe('terminals', () => {
  it('are three ttys of their own', async () => {
    for (const index of [0, 1, 2]) {
      const learner = await learnerAt(sandbox, index);
      expect(await learner.enter(`mine=terminal-${index}; tty`)).toContain(`/dev/hvc${index}\n`);
    }
    for (const index of [0, 1, 2]) expect(await (await learnerAt(sandbox, index)).enter('echo "[$mine]"')).toContain(`[terminal-${index}]\n`);
  });

  it('refuse to be more than three', async () => {
    await expect(sandbox.openTerminal(3, SIZE)).rejects.toMatchObject({ name: 'SandboxError' });
  });

  it('are as large as they are told, each on its own', async () => {
    const sessions = [await sandbox.openTerminal(0, { columns: 101, rows: 33 }), await sandbox.openTerminal(1, { columns: 77, rows: 21 })];
    await eventually('both sizes', async () => {
      const sizes = await succeed(sandbox, 'stty size < /dev/hvc0; stty size < /dev/hvc1');
      return sizes === '33 101\n21 77\n' ? true : undefined;
    });
    sessions[0]!.resize({ columns: 64, rows: 10 });
    await eventually('the new size', async () => {
      const sizes = await succeed(sandbox, 'stty size < /dev/hvc0; stty size < /dev/hvc1');
      return sizes === '10 64\n21 77\n' ? true : undefined;
    });
  });

  it('end as large as they were told last when an edge is dragged', async () => {
    const session = await sandbox.openTerminal(0, SIZE);
    for (let columns = 60; columns <= 160; columns++) session.resize({ columns, rows: 30 });
    await eventually('the last size', async () => ((await succeed(sandbox, 'stty size < /dev/hvc0')) === '30 160\n' ? true : undefined), 20_000);
  });

  it('tell the program in front of a new size', async () => {
    const session = await sandbox.openTerminal(0, SIZE);
    const learner = await learnerAt(sandbox, 0);
    await learner.type(`bash -c 'trap "stty size; exit" WINCH; echo wait""ing; while :; do sleep 1; done'\r`);
    await eventually('the loop runs', () => (learner.text().includes('waiting\n') ? true : undefined));
    session.resize({ columns: 55, rows: 44 });
    await eventually('the size', () => (/\n44 55\n/.test(learner.text()) ? true : undefined));
  });

  it('give a new shell when theirs ends', async () => {
    const learner = await learnerAt(sandbox, 2);
    const before = await learner.enter('echo "[$$]"');
    await learner.enter('exit');
    const after = await learner.enter('echo "[$$]"');
    const [first, second] = [before, after].map(text => /\[(\d+)\]\n/.exec(text)?.[1]);
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });

  it('show the same shell and what was shown before when they are opened again', async () => {
    await (await learnerAt(sandbox, 1)).enter('remembered=yes; echo shown-before');
    const again = await learnerAt(sandbox, 1);
    expect(again.text()).toContain('shown-before\n');
    expect(await again.enter('echo "[$remembered]"')).toContain('[yes]\n');
  });

  it('stop a program on Ctrl+C and suspend it on Ctrl+Z', async () => {
    const learner = await learnerAt(sandbox, 1);
    await learner.type('sleep 400\r');
    await eventually('sleep runs', async () => ((await sandbox.run('pgrep -x -f "sleep 400"')).exitCode === 0 ? true : undefined));
    expect(await learner.enter('\x1a')).toMatch(/Stopped\s+sleep 400/);
    await learner.type('fg\r');
    await eventually('sleep is in front again', async () =>
      (await sandbox.run('ps -o stat= -C sleep | grep -q "S+"')).exitCode === 0 ? true : undefined,
    );
    await learner.enter('\x03');
    expect((await sandbox.run('pgrep -x -f "sleep 400"')).exitCode).toBe(1);
  });

  it.each([
    ['1 MB of pasted text whole', MEBIBYTE, 'stty -echo; '],
    ['200 KB of pasted text whole, showing it', 200 * 1024, ''],
  ])('take %s', async (_, bytes, before) => {
    const learner = await learnerAt(sandbox, 0);
    const text = `${Buffer.from(noise(bytes * 0.75))
      .toString('base64')
      .replace(/.{64}/g, '$&\n')}\n`;
    await learner.type(`${before}cat > pasted.txt; stty echo\r`);
    await eventually('cat waits', async () => ((await sandbox.run('pgrep -x cat')).exitCode === 0 ? true : undefined));
    await learner.type(text);
    await learner.enter('\x04');
    expect(await succeed(sandbox, 'sha256sum < pasted.txt')).toContain(sha256(Buffer.from(text)));
  });

  it('take 1 MB of binary input whole when the program wants it raw', async () => {
    const learner = await learnerAt(sandbox, 1);
    const bytes = noise(MEBIBYTE);
    await learner.type(`stty raw -echo; echo rea""dy; head -c ${bytes.length} > pasted.bin; stty sane\r`);
    await eventually('head waits', () => (/ready\s/.test(learner.text()) ? true : undefined));
    const session = await sandbox.openTerminal(1, SIZE);
    await session.write(bytes);
    await eventually('all bytes', async () =>
      (await sandbox.run(`[ $(stat -c %s pasted.bin) = ${bytes.length} ]`)).exitCode === 0 ? true : undefined,
    );
    expect(await succeed(sandbox, 'sha256sum < pasted.bin')).toContain(sha256(bytes));
    expect(await (await learnerAt(sandbox, 1)).enter('echo back')).toContain('back\n');
  });

  it('take a long here-document pasted at the prompt', async () => {
    const learner = await learnerAt(sandbox, 2);
    const body = Array.from({ length: 500 }, (_, line) => `line ${line} of a file that somebody pastes\n`).join('');
    await learner.enter(`cat > here.txt <<'END'\r${body.replaceAll('\n', '\r')}END`);
    expect(await succeed(sandbox, 'cat here.txt')).toBe(body);
  });

  it('are still there after 5 MB of binary noise', async () => {
    const session = await sandbox.openTerminal(0, SIZE);
    let count = 0;
    session.onOutput(bytes => {
      count += bytes.length;
      session.acknowledge(bytes.length);
    });
    await session.write(new TextEncoder().encode('cat /dev/urandom | head -c 5M; touch flood-over\r'));
    await eventually('the flood ends', async () => ((await sandbox.run('test -e flood-over')).exitCode === 0 ? true : undefined));
    await eventually('all of it arrives', () => (count >= 5 * MEBIBYTE ? true : undefined));
    expect(await (await learnerAt(sandbox, 0)).enter('echo still here')).toContain('still here\n');
  });

  describe('that nobody reads', () => {
    const flood = `head -c 3M /dev/zero | tr '\\0' x; echo; echo over\r`;

    async function startFlood(): Promise<{ session: TerminalSession; count: () => number; last: () => string }> {
      const session = await sandbox.openTerminal(2, SIZE);
      let [count, last] = [0, ''];
      session.onOutput(bytes => {
        count += bytes.length;
        last = (last + new TextDecoder().decode(bytes)).slice(-100);
      });
      // What was shown before is replayed; only what comes now counts.
      session.acknowledge(count);
      count = 0;
      await session.write(new TextEncoder().encode(flood));
      await eventually('output', () => (count > 200_000 ? true : undefined));
      return { session, count: () => count, last: () => last };
    }

    async function heldAt(count: () => number): Promise<number> {
      return eventually('the output stops', async () => {
        const before = count();
        await new Promise(resolve => setTimeout(resolve, 1500));
        return count() === before ? before : undefined;
      });
    }

    it('hold the guest up, and let it go on as output is acknowledged', async () => {
      const { session, count, last } = await startFlood();
      expect(await heldAt(count)).toBeLessThan(MEBIBYTE);
      let acknowledged = 0;
      await eventually('the rest', () => {
        const unread = count() - acknowledged;
        acknowledged += unread;
        session.acknowledge(unread);
        return last().includes('over') ? true : undefined;
      });
      expect(count()).toBeGreaterThanOrEqual(3 * MEBIBYTE);
    });

    it('let the guest go on when they are closed', async () => {
      const { session, count } = await startFlood();
      await heldAt(count);
      session.close();
      await eventually('the guest is done', async () => ((await sandbox.run('pgrep -x tr')).exitCode === 1 ? true : undefined));
      expect(await (await learnerAt(sandbox, 2)).enter('echo answers')).toContain('answers\n');
    });
  });

  it('edit a file of the page in place', async () => {
    await sandbox.applyFiles([written('greeting.txt', 'Hello\n')]);
    expect(await (await learnerAt(sandbox, 0)).enter('sed -i s/Hello/Goodbye/ greeting.txt; cat greeting.txt')).toContain('Goodbye\n');
  });
});
