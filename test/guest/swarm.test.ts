/** More kinds of networks than bridges: IPv6 within a container, a swarm of one machine, macvlan and ipvlan. And what a command that cannot run is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestHttp } from '../../src/core/network/http-client.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, fail, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

const run = (command: string) => succeed(sandbox, command, { timeoutMilliseconds: 300_000 });

describe('IPv6', () => {
  it('is sockets and ::1 in a container, where a server for [::] answers both kinds', async () => {
    const both =
      'nc -ll -p 80 -e echo hello & for i in $(seq 50); do netstat -ltn | grep -q :80 && break; sleep 0.1; done; nc ::1 80; nc 127.0.0.1 80';
    expect(await run(`docker run --rm busybox sh -c '${both}'`)).toBe('hello\nhello\n');
  });

  it('is no address but ::1, so nothing waits for one: any other address fails at once', async () => {
    expect(await run("docker run --rm busybox ip -o -6 addr | sed 's/ scope.*//'")).toBe('1: lo    inet6 ::1/128\n');
    expect(await run("ip -o -6 addr | sed 's/ scope.*//'")).toBe('1: lo    inet6 ::1/128\n');
    expect((await fail(sandbox, 'wget -O - http://[2001:db8::1]/')).stderr).toContain('Network is unreachable');
    expect((await fail(sandbox, 'wget -O - http://8.8.8.8/')).stderr).toContain('Network is unreachable');
  });
});

describe('a limit of memory', () => {
  it('is set without a warning', async () => {
    const result = await sandbox.run('docker run --rm -m 32m busybox cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.swap.max');
    expect(result).toEqual({ exitCode: 0, stdout: '33554432\n33554432\n', stderr: '' });
  });
});

describe('a command that cannot run', () => {
  const cases = [
    ['docker run --rm busybox no-such-command', 127, 'exec: "no-such-command": executable file not found in $PATH: unknown.'],
    ['docker run --rm busybox /no/such/file', 127, 'exec: "/no/such/file": stat /no/such/file: no such file or directory: unknown.'],
    ['docker run --rm busybox /etc/passwd', 126, 'exec: "/etc/passwd": permission denied: unknown.'],
    ['docker run --rm busybox /etc', 126, 'exec: "/etc": is a directory'],
    ['docker run --rm -v /workspace/cannot:/cannot busybox /cannot/crlf.sh', 127, 'exec /cannot/crlf.sh: no such file or directory\n'],
    ['docker run --rm -v /workspace/cannot:/cannot -w /cannot busybox ./words', 126, 'exec ./words: exec format error\n'],
  ] as const;

  it.each(cases)('%s ends with %i and the words of runc', async (command, exitCode, words) => {
    await sandbox.applyFiles([written('cannot/crlf.sh', '#!/bin/sh\r\necho hi\r\n', true), written('cannot/words', 'echo hi\n', true)]);
    const result = await sandbox.run(command);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(words);
  });

  it('of docker exec likewise, and the container goes on', async () => {
    await run('docker run -d --name goes-on busybox sleep 1000');
    const result = await sandbox.run('docker exec goes-on no-such-command');
    // dockerd 26.1 has no other code than this for an exec that did not start.
    expect(result.exitCode).toBe(126);
    expect(result.stdout + result.stderr).toContain('exec: "no-such-command": executable file not found in $PATH: unknown');
    await succeed(sandbox, "printf '#!/bin/sh\\r\\necho hi\\r\\n' > /tmp/crlf.sh; chmod +x /tmp/crlf.sh; docker cp /tmp/crlf.sh goes-on:/");
    const { stdout, stderr } = await fail(sandbox, 'docker exec goes-on /crlf.sh');
    expect(stdout + stderr).toContain('exec /crlf.sh: no such file or directory: unknown');
    expect(await run('docker exec goes-on echo on; docker rm -f goes-on')).toBe('on\ngoes-on\n');
  });

  it('leaves nothing in the container, and is not remembered when the file is mended', async () => {
    await sandbox.applyFiles([written('cannot/crlf.sh', '#!/bin/sh\r\necho hi\r\n', true)]);
    expect((await sandbox.run('docker run --name mended -v /workspace/cannot:/cannot busybox /cannot/crlf.sh')).exitCode).toBe(127);
    expect(await run('docker diff mended')).toBe('A /cannot\n');
    await sandbox.applyFiles([written('cannot/crlf.sh', '#!/bin/sh\necho hi\n', true)]);
    expect(await run('docker start -a mended; docker rm mended')).toBe('hi\nmended\n');
  });
});

describe('what needs Docker Hub or Docker Desktop', () => {
  it('is answered in a sentence, a login before it asks for a password', async () => {
    for (const command of ['docker login', 'docker login -u me docker.io', 'docker login https://index.docker.io/v1/']) {
      expect((await fail(sandbox, `${command} < /dev/null`)).stderr).toContain('There is nothing to log in to');
    }
    expect((await fail(sandbox, 'echo secret | docker login -u me --password-stdin localhost:5999')).stderr).toContain('localhost:5999');
    for (const command of ['docker init', 'docker scout cves x', 'docker sbom x']) {
      expect((await fail(sandbox, command)).stderr).toMatch(/^docker \w+ .*\.\n$/);
    }
  });

  it('searches the hub inside the page', async () => {
    expect(await run("docker search --format '{{.Name}} {{.IsOfficial}}' redis")).toContain('redis [OK]\n');
  });
});

describe('other kinds of networks', () => {
  it.each(['macvlan', 'ipvlan'])('%s joins two containers', async driver => {
    await run(`docker network create -d ${driver} --subnet 192.168.50.0/24 other && docker run -d --name there --network other busybox sleep 1000`);
    expect(await run('docker run --rm --network other busybox ping -c 1 there')).toContain('1 packets received');
    await run('docker rm -f there && docker network rm other');
  });
});

describe('a swarm of one machine', () => {
  const replicas = (service: string) => run(`docker service ls --filter name=${service} --format '{{.Replicas}}'`);

  it('is made without further words, with the machine as its leader', async () => {
    expect(await run('docker swarm init')).toContain('is now a manager');
    expect(await run("docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'")).toBe('drydock Ready Leader\n');
  });

  it('runs a service of two, of which both answer on the published port, also through the sandbox', async () => {
    const serve = 'mkdir /w; hostname > /w/index.html; exec httpd -f -p 80 -h /w';
    await run(`docker service create --detach --name web -p 8080:80 --replicas 2 busybox sh -c '${serve}'`);
    await eventually('both replicas run', async () => ((await replicas('web')) === '2/2\n' ? true : undefined));
    const names = new Set((await run('for i in 1 2 3 4; do wget -q -T 10 -O - http://127.0.0.1:8080/; done')).trim().split('\n'));
    expect(names.size).toBe(2);
    const response = await requestHttp(() => sandbox.dial(':8080'), { method: 'GET', path: '/' });
    expect([response.status, names.has((await response.text()).trim())]).toEqual([200, true]);
  });

  it('scales, updates one after the other, goes back and tells its logs', async () => {
    await run('docker service scale web=1');
    await run('docker service update --env-add ROUND=2 web');
    expect(await run("docker service inspect -f '{{.UpdateStatus.State}}' web")).toBe('completed\n');
    await run('docker service rollback web');
    expect(await run("docker service inspect -f '{{.Spec.TaskTemplate.ContainerSpec.Env}}' web")).toBe('[]\n');
    expect(await run("docker service ps --filter desired-state=running --format '{{.Name}} {{.Node}}' web")).toBe('web.1 drydock\n');
    await run('docker service rm web');
  });

  it('deploys a stack with a secret, a config and a network of its own', async () => {
    await sandbox.applyFiles([
      written(
        'stack/compose.yaml',
        [
          'services:',
          '  reader:',
          '    image: busybox',
          '    command: sh -c "cat /run/secrets/word /motto; ping -c 1 other; sleep 1000"',
          '    secrets: [word]',
          '    configs: [{source: motto, target: /motto}]',
          '  other:',
          '    image: busybox',
          '    command: sleep 1000',
          'secrets: {word: {file: word.txt}}',
          'configs: {motto: {file: motto.txt}}',
          '',
        ].join('\n'),
      ),
      written('stack/word.txt', 'the secret\n'),
      written('stack/motto.txt', 'the motto\n'),
    ]);
    await run('cd stack && docker stack deploy --detach=true -c compose.yaml st');
    await eventually('the reader has read', async () => ((await run('docker service logs st_reader')).includes('the motto') ? true : undefined));
    expect(await run('docker service logs --raw st_reader')).toContain('the secret\nthe motto\n');
    expect(await run("docker stack services --format '{{.Name}}' st | sort")).toBe('st_other\nst_reader\n');
    await run('docker stack rm st');
  });

  it('has overlay networks for containers too', async () => {
    await run('docker network create -d overlay --attachable wide && docker run -d --name far --network wide busybox sleep 1000');
    expect(await run('docker run --rm --network wide busybox ping -c 1 far')).toContain('1 packets received');
    await run('docker rm -f far && docker network rm wide');
  });

  it('is left again, and the engine is as before', async () => {
    expect(await run('docker swarm leave --force')).toBe('Node left the swarm.\n');
    expect((await fail(sandbox, 'docker service ls')).stderr).toContain('not a swarm manager');
    expect(await run('docker run --rm busybox echo as before')).toBe('as before\n');
  });
});
