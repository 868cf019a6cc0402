import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { engineOf } from '../support/engine.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { SandboxStatus } from '../../src/core/protocol/sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, fail, learnerAt, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
const statuses: SandboxStatus[] = [];
beforeAll(async () => {
  sandbox = await startGuestSandbox();
  sandbox.onStatus(status => statuses.push(status));
});
afterAll(() => sandbox.dispose());

/** Whatever a learner did, the next thing works. */
async function worksStill(): Promise<void> {
  expect(await succeed(sandbox, 'docker run --rm --network none busybox echo fine', { timeoutMilliseconds: 180_000 })).toBe('fine\n');
}

async function build(dockerfile: string): ReturnType<LocalSandbox['run']> {
  await sandbox.applyFiles([written('faulty/Dockerfile', dockerfile)]);
  return fail(sandbox, 'docker build -t faulty .', { directory: '/workspace/faulty' });
}

describe('a build that cannot work', () => {
  afterAll(worksStill);

  it('for a typo gives the error of the engine, with the line', async () => {
    const { stdout, stderr } = await build('FROM busybox\nRUNN echo hi\n');
    expect(stdout + stderr).toMatch(/dockerfile parse error on line 2: unknown instruction: RUNN/i);
    expect(stderr).not.toContain('DEPRECATED');
  });

  it('for an empty Dockerfile says so', async () => {
    const { stderr } = await build('');
    expect(stderr).toMatch(/Dockerfile .*cannot be empty|file with no instructions/i);
  });

  it('for a missing COPY source names it', async () => {
    const { stderr } = await build('FROM busybox\nCOPY not-there.py .\n');
    expect(stderr).toMatch(/not-there\.py/);
    expect(stderr).toMatch(/no such file or directory|not found|does not exist/);
  });

  it('for a command that fails names the command and its exit code, and tags nothing', async () => {
    const { stderr } = await build('FROM busybox\nRUN echo half way\nRUN exit 9\nRUN echo never\n');
    expect(stderr).toMatch(/^#\d+ \d+\.\d+ half way$/m);
    expect(stderr).not.toContain('[4/4]');
    expect(stderr).toContain('   3 | >>> RUN exit 9\n');
    expect(stderr).toMatch(/^ERROR: failed to solve: process "\/bin\/sh -c exit 9" did not complete successfully: exit code: 9$/m);
    await fail(sandbox, 'docker inspect faulty');
  });

  it('for an image that is not here says that there is no internet', async () => {
    const { stderr } = await build('FROM no-such/image:v3\n');
    expect(stderr).toMatch(/no internet|cannot reach|no network/i);
  });

  it('without a Dockerfile says so', async () => {
    await succeed(sandbox, 'mkdir -p /tmp/nothing');
    expect((await fail(sandbox, 'docker build .', { directory: '/tmp/nothing' })).stderr).toMatch(/Dockerfile.*no such file/i);
  });
});

describe('an image that is not here', () => {
  afterAll(worksStill);

  it('is refused by docker run and docker pull, with the word that there is no internet', async () => {
    expect((await fail(sandbox, 'docker run --rm no-such-image')).stderr).toMatch(/no internet/i);
    expect((await fail(sandbox, 'docker pull registry.example.org/some/thing')).stderr).toMatch(/no internet/i);
  });
});

describe('a container that takes too much', () => {
  afterEach(worksStill);

  it('is stopped by its limit of processes when it is a fork bomb, and the guest lives', async () => {
    const bomb = sandbox.run("docker run --name bomb --pids-limit 64 busybox sh -c 'b() { b | b & }; b; sleep 20; echo survived' 2>&1");
    const pids =
      '$(cat /sys/fs/cgroup/docker/$(docker inspect -f {{.Id}} bomb)/pids.max /sys/fs/cgroup/docker/$(docker inspect -f {{.Id}} bomb)/pids.events)';
    await eventually('the limit was hit', async () => (/^64 max [1-9]/.test((await sandbox.run(`echo ${pids}`)).stdout) ? true : undefined));
    expect(Number(await succeed(sandbox, 'ls -d /proc/[0-9]* | wc -l'))).toBeLessThan(250);
    expect(await succeed(sandbox, 'echo the guest answers')).toBe('the guest answers\n');
    await succeed(sandbox, 'docker rm -f bomb');
    await bomb;
  });

  it('is killed when it takes more memory than -m allows, and says 137', async () => {
    const result = await sandbox.run(
      "docker run --name eater -m 32m --memory-swap 32m python:3.13-slim python3 -c 'x = bytearray(200 * 1024 * 1024); print(len(x))'",
    );
    expect(result).toMatchObject({ exitCode: 137, stdout: '' });
    expect(await succeed(sandbox, "docker inspect -f '{{.State.OOMKilled}}' eater")).toBe('true\n');
    await succeed(sandbox, 'docker rm eater');
  });

  it('without a limit can take all memory there is: it is killed, the engine and the terminals live', async () => {
    const learner = await learnerAt(sandbox);
    await learner.enter('mine=still-here');
    const engine = await succeed(sandbox, 'pgrep -x dockerd');
    const result = await sandbox.run(
      'docker run --rm python:3.13-slim python3 -c \'x = bytearray(900 * 1024 * 1024); x[::4096] = b"1" * len(x[::4096])\'',
    );
    expect(result.exitCode).not.toBe(0);
    expect(await succeed(sandbox, 'pgrep -x dockerd')).toBe(engine);
    expect(await learner.enter('echo "[$mine]"')).toContain('[still-here]\n');
  });
});

describe('a full disk', () => {
  afterEach(async () => {
    await succeed(sandbox, 'rm -f /var/fill /var/fill2');
    await worksStill();
  });

  it('makes docker say that no space is left; when space is made, everything works', async () => {
    // All but the last megabytes are set aside, not written: that would take minutes.
    await succeed(sandbox, "busybox fallocate -l $(($(df -k / | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4) - 8192))k /var/fill");
    await sandbox.run('dd if=/dev/zero of=/var/fill2 bs=4k 2>/dev/null', { timeoutMilliseconds: 400_000 });
    const free = Number(await succeed(sandbox, "df -k / | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4"));
    expect(free).toBeLessThan(1024);
    const { stdout, stderr } = await build('FROM busybox\nRUN dd if=/dev/zero of=/data bs=1M count=1\n');
    expect(stdout + stderr).toContain('no space left on device');
    await eventually('the status tells', () => (statuses.some(status => status.diskAvailableBytes < 1024 * 1024) ? true : undefined));
    await succeed(sandbox, 'rm -f /var/fill /var/fill2');
    expect(await succeed(sandbox, 'docker run --rm busybox sh -c "dd if=/dev/zero of=/data bs=1M count=1 2> /dev/null; wc -c < /data"')).toBe(
      '1048576\n',
    );
    await eventually('the status tells of room again', () => (statuses.at(-1)!.diskAvailableBytes > 100 * 1024 * 1024 ? true : undefined));
  });
});

describe('an engine that dies', () => {
  /** After containerd's death the engine answers before it can start containers again. */
  async function runsAgain(): Promise<void> {
    const works = async () => ((await sandbox.run('docker run --rm --network none busybox true')).exitCode === 0 ? true : undefined);
    await eventually('containers can be run again', works, 90_000);
  }

  it('is started again when dockerd is killed, and keeps images and containers', async () => {
    await succeed(sandbox, 'docker create --name keepsake busybox true');
    const before = await succeed(sandbox, 'pgrep -x dockerd');
    await succeed(sandbox, 'kill -9 $(pgrep -x dockerd)');
    statuses.length = 0;
    await runsAgain();
    await eventually('the status says that it runs', () => (statuses.at(-1)?.engine === 'running' ? true : undefined), 20_000);
    expect(await succeed(sandbox, 'pgrep -x dockerd')).not.toBe(before);
    expect(await succeed(sandbox, 'docker rm keepsake')).toBe('keepsake\n');
    expect((await engineOf(sandbox).images()).flatMap(image => image.tags)).toContain('python:3.13-slim');
  });

  it('is started again when containerd is killed', async () => {
    await succeed(sandbox, 'kill -9 $(pgrep -x containerd)');
    await eventually('containerd is back', async () => ((await sandbox.run('pgrep -x containerd')).exitCode === 0 ? true : undefined));
    await runsAgain();
    // dockerd finds its containerd again by itself, a little later.
    await eventually('containers run again', async () => ((await sandbox.run('docker run --rm busybox true')).exitCode === 0 ? true : undefined));
  });

  it('is told in plain words by docker while it is away', async () => {
    await succeed(sandbox, 'kill -9 $(pgrep -x dockerd)');
    expect((await fail(sandbox, 'docker ps')).stderr).toContain('Is the docker daemon running?');
    await runsAgain();
  });
});
