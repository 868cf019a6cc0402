import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, noise, succeed } from './learner.ts';

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

describe('a command run beside the terminals', () => {
  it('gives its output, its errors and its exit code apart', async () => {
    expect(await sandbox.run('echo out; echo err >&2; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('runs in /workspace as root, or in the folder it is told', async () => {
    expect(await succeed(sandbox, 'pwd; id -u')).toBe('/workspace\n0\n');
    expect(await succeed(sandbox, 'pwd', { directory: '/etc' })).toBe('/etc\n');
  });

  it('says when its folder is not there', async () => {
    const result = await sandbox.run('pwd', { directory: '/nowhere' });
    expect(result).toMatchObject({ exitCode: 125, stdout: '' });
    expect(result.stderr).toContain('/nowhere: No such file or directory');
  });

  it('that is not there exits with 127, and one killed by a signal with 128 and the signal', async () => {
    expect(await sandbox.run('no-such-command')).toMatchObject({ exitCode: 127 });
    expect(await sandbox.run('kill -TERM $$')).toMatchObject({ exitCode: 128 + 15 });
  });

  it('reads what it is given', async () => {
    expect(await sandbox.run('tr a-z A-Z', { stdin: 'héllo\n' })).toEqual({ exitCode: 0, stdout: 'HéLLO\n', stderr: '' });
  });

  it('reads 2 MB that it is given whole, also when it is slow to begin', async () => {
    const text = Buffer.from(noise(1.5 * 1024 * 1024)).toString('base64');
    const hash = createHash('sha256').update(text).digest('hex');
    expect(await succeed(sandbox, 'sleep 2; sha256sum', { stdin: text })).toContain(hash);
  });

  it('that does not read what it is given ends all the same', async () => {
    expect(await sandbox.run('echo done', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    expect(await succeed(sandbox, 'echo next')).toBe('next\n');
  });

  it('without input sees its end at once', async () => {
    expect(await sandbox.run('cat; echo end', { timeoutMilliseconds: 20_000 })).toMatchObject({ stdout: 'end\n' });
  });

  it('gives 3 MB of output whole', async () => {
    const { stdout } = await sandbox.run('seq 1 440000');
    expect(stdout).toHaveLength(Array.from({ length: 440_000 }, (_, at) => `${at + 1}\n`.length).reduce((sum, length) => sum + length));
    expect(stdout.endsWith('\n439999\n440000\n')).toBe(true);
  });

  it('that prints without measure is cut, and says so', async () => {
    const { exitCode, stdout } = await sandbox.run("head -c 6M /dev/zero | tr '\\0' x");
    expect(exitCode).toBe(0);
    expect(stdout.length).toBeLessThan(5 * 1024 * 1024);
    expect(stdout).toMatch(/\[\d+ more bytes were dropped\]\n$/);
  });

  it('keeps letters whole that arrive in two pieces', async () => {
    expect(await succeed(sandbox, 'for i in $(seq 3000); do printf "a€ü"; done')).toBe('a€ü'.repeat(3000));
  });

  it('is stopped with its children when its time is over', async () => {
    const run = sandbox.run('sleep 613 & sleep 613', { timeoutMilliseconds: 3000 });
    await expect(run).rejects.toMatchObject({ name: 'SandboxError', code: 'timed-out' });
    await eventually(
      'its processes are gone',
      async () => ((await sandbox.run('pgrep -x -f "sleep 613"')).exitCode === 1 ? true : undefined),
      20_000,
    );
  });

  it('of more than 32 KB is refused, with the way out', async () => {
    await expect(sandbox.run(`: ${'x'.repeat(33_000)}`)).rejects.toThrow('put it into a script');
  });

  it('does not mix with the others that run at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => sandbox.run(`sleep 0.${index % 7}; echo ${index}; echo e${index} >&2; exit ${index}`)),
    );
    expect(answers).toEqual(Array.from({ length: 30 }, (_, index) => ({ exitCode: index, stdout: `${index}\n`, stderr: `e${index}\n` })));
  });

  it('is refused with a plain word when a hundred run already, and none of those is lost', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => sandbox.run(`sleep 4; echo ${index}`)));
    const refused = answers.filter(answer => answer.status === 'rejected');
    for (const answer of refused) expect(String(answer.reason)).toContain('Too many commands');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(50);
    answers.forEach((answer, index) => {
      if (answer.status === 'fulfilled') expect(answer.value).toEqual({ exitCode: 0, stdout: `${index}\n`, stderr: '' });
    });
    expect(await succeed(sandbox, 'echo after')).toBe('after\n');
  });
});
