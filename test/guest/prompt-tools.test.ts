/** What tutorials type at the prompt of their Docker host, besides docker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { fail, learnerAt, succeed } from './learner.ts';

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

describe('at the prompt', () => {
  it('curl talks to a published port, and jq reads what came', async () => {
    await succeed(sandbox, 'mkdir /tmp/site && echo \'{"name": "a page"}\' > /tmp/site/a.json');
    await succeed(sandbox, 'docker run -d --name site -p 8080:80 -v /tmp/site:/site busybox httpd -f -h /site');
    expect(await succeed(sandbox, 'curl -sS --retry 5 --retry-connrefused localhost:8080/a.json | jq -r .name')).toBe('a page\n');
    expect(await succeed(sandbox, 'curl -sI localhost:8080/missing')).toContain('404 Not Found');
    await succeed(sandbox, 'docker rm -f site');
  });

  it('git keeps versions of the workspace', async () => {
    const directory = '/workspace';
    await succeed(sandbox, 'git init -q project && cd project && echo one > a && git add a', { directory });
    await succeed(sandbox, 'git -C project -c user.name=ann -c user.email=ann@example.org commit -q -m first', { directory });
    expect(await succeed(sandbox, 'git -C project log --oneline', { directory })).toMatch(/^[0-9a-f]{7} first\n$/);
  });

  it('git clone of a public repository says what to do instead', async () => {
    const https = await fail(sandbox, 'git clone https://github.com/someone/something.git /tmp/something');
    expect(https.stderr).toContain('remote: This sandbox has no internet: github.com cannot be reached.');
    expect(https.stderr).toContain('drop the zip');
    expect((await fail(sandbox, 'git clone git@github.com:someone/something.git /tmp/something')).stderr).toContain('drop the zip');
  });

  it('sudo runs the command as it is, or as somebody else', async () => {
    expect(await succeed(sandbox, "sudo -E GREETING=hello sh -c 'echo $GREETING; id -u'")).toBe('hello\n0\n');
    expect(await succeed(sandbox, 'sudo -u nobody id -un')).toBe('nobody\n');
    expect(await succeed(sandbox, 'sudo docker ps -q')).toBe('');
    expect(await fail(sandbox, 'sudo no-such-command')).toMatchObject({ exitCode: 127, stderr: 'sudo: no-such-command: command not found\n' });
  });

  it('a command that is not there says where it would be', async () => {
    const learner = await learnerAt(sandbox);
    expect(await learner.enter('ssh me@server')).toMatch(/bash: ssh: command not found\s+There is no other machine to reach from here/);
    expect(await learner.enter('kubectl get pods; echo code $?')).toMatch(/kubectl is not part of this sandbox[^]*code 127/);
    expect(await learner.enter('no-such-command')).toMatch(/bash: no-such-command: command not found\s+drydock:/);
    expect(await learner.enter('man docker-run | head -3')).toContain('Usage:  docker run [OPTIONS]');
  });

  it('has the editors, and what tutorials take for granted', async () => {
    const versions = await succeed(sandbox, 'for name in nano vim tree make less htop openssl zip; do command -v $name; done');
    expect(versions.trim().split('\n')).toHaveLength(8);
    expect(await succeed(sandbox, 'printf "all:\\n\\t@echo made\\n" > /tmp/Makefile && make -s -C /tmp')).toBe('made\n');
    expect(await succeed(sandbox, 'cd /tmp && vim -es -c "normal ihello" -c wq note; cat note')).toBe('hello\n');
  });
});
