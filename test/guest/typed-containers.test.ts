import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, learnerAt, written, type Learner } from './learner.ts';

const CONTAINER_PROMPT = /\/ # $/;

let sandbox: LocalSandbox;
let learner: Learner;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
  learner = await learnerAt(sandbox);
});
afterAll(() => sandbox.dispose());

describe('containers, from a terminal', () => {
  it('give the exit code of what ran in them, also from a shell inside', async () => {
    await learner.enter('docker run -it --rm busybox', CONTAINER_PROMPT);
    await learner.enter('exit 5');
    expect(await learner.enter('echo "code $?"')).toContain('\ncode 5\n');
    expect(await learner.enter('docker run --rm busybox no-such-command')).toContain('exec: "no-such-command": executable file not found in $PATH');
  });

  it('have a terminal as large as the one outside, which follows it', async () => {
    await learner.enter('docker run -it --rm busybox', CONTAINER_PROMPT);
    expect(await learner.enter('stty size', CONTAINER_PROMPT)).toContain('40 120\n');
    const session = await sandbox.openTerminal(0, { columns: 120, rows: 40 });
    learner = await learnerAt(sandbox, 0, CONTAINER_PROMPT);
    // Docker's client listens for a new size a moment after the container has started, and misses one that comes before: so it may take a few.
    let columns = 90;
    const followed = async () => {
      session.resize({ columns: ++columns, rows: 26 });
      return (await learner.enter('sleep 1; stty size', CONTAINER_PROMPT)).includes(`26 ${columns}\n`) ? true : undefined;
    };
    await eventually('the new size', followed);
    await learner.enter('exit');
  });

  it('end on Ctrl+C when they run in front', async () => {
    await learner.type('docker run --rm --init busybox sleep 700\r');
    await eventually('sleep runs', async () => ((await sandbox.run('pgrep -x -f "sleep 700"')).exitCode === 0 ? true : undefined));
    await learner.enter('\x03');
    expect((await sandbox.run('pgrep -x -f "sleep 700"')).exitCode).toBe(1);
  });

  it('can be looked into while they run, and removed', async () => {
    await learner.enter("docker run -d --name ticker busybox sh -c 'echo started; exec sleep 800'");
    expect(await learner.enter('docker exec ticker ps')).toMatch(/ 1 root .* sleep 800\n/);
    expect(await learner.enter('docker logs ticker')).toMatch(/\nstarted\n/);
    expect(await learner.enter('docker rm -f ticker')).toMatch(/\nticker\n/);
    expect(await learner.enter('docker ps -aq -f name=ticker')).not.toMatch(/\n[0-9a-f]{12}\n/);
  });

  it('run what the page has just saved', async () => {
    const files = ['Dockerfile', 'hello.sh'];
    await sandbox.applyFiles([written(files[0]!, 'FROM busybox\nCOPY hello.sh /\nCMD ["sh", "/hello.sh"]\n'), written(files[1]!, 'echo first\n')]);
    expect(await learner.enter('docker build -q -t said . && docker run --rm said')).toContain('\nfirst\n');
    await sandbox.applyFiles([written('hello.sh', 'echo second\n')]);
    expect(await learner.enter('docker build -q -t said . && docker run --rm said')).toContain('\nsecond\n');
  });

  it('work from two terminals at once', async () => {
    const other = await learnerAt(sandbox, 1);
    const shown = await Promise.all([learner.enter('docker run --rm busybox echo "o""ne"'), other.enter('docker run --rm busybox echo "t""wo"')]);
    expect(shown[0]).toContain('\none\n');
    expect(shown[1]).toContain('\ntwo\n');
  });
});
