/** More than one container, as the tutorial's second half has them: networks, volumes, compose (see lesson 8 too), a registry of one's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestHttp } from '../../src/core/network/http-client.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { FileChange } from '../../src/core/workspace/file-change.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, learnerAt, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

const run = (command: string, directory = '/workspace') => succeed(sandbox, command, { timeoutMilliseconds: 300_000, directory });

/** Runs a command whose cost is worth knowing, and prints it. */
async function measured(command: string, directory?: string): Promise<string> {
  const [start, instructions] = [performance.now(), sandbox.counters().instructions];
  const said = await run(command, directory);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${command}: ${seconds} s, ${Math.round((sandbox.counters().instructions - instructions) / 1e6)} million instructions`);
  return said;
}

/** What a published port answers; undefined while nobody listens. */
async function get(port: number, path = '/'): Promise<string | undefined> {
  const dial = () => sandbox.dial(`:${port}`);
  const response = await requestHttp(dial, { method: 'GET', path, headers: [['host', `localhost:${port}`]] }).catch(() => undefined);
  return response?.status === 200 ? response.text() : undefined;
}

const COMPOSE = `services:
  web:
    image: busybox
    command: sh -c "echo web listens; exec httpd -f"
    init: true
    depends_on:
      - redis
  redis:
    image: redis
    volumes:
      - hits:/data
volumes:
  hits:
`;

describe('a network of one’s own', () => {
  it('gives containers each other by name, which the default network does not', async () => {
    await run('docker network create backend && docker run -d --name store --network backend redis');
    await eventually('redis listens', async () => ((await run('docker logs store')).includes('Ready to accept connections') ? true : undefined));
    expect(await run('docker run --rm --network backend redis redis-cli -h store set greeting hello')).toBe('OK\n');
    expect(await run('docker run --rm --network backend redis redis-cli -h store get greeting')).toBe('hello\n');
    const outside = await sandbox.run('docker run --rm busybox nslookup store');
    expect(outside.exitCode, outside.stdout + outside.stderr).not.toBe(0);
    expect(await run('docker network inspect backend -f "{{range .Containers}}{{.Name}}{{end}}"')).toBe('store\n');
    await run('docker rm -fv store && docker network rm backend');
  });

  it('can be joined and left by a container that runs', async () => {
    await run('docker network create later && docker run -d --name joiner busybox sleep 600 && docker network connect later joiner');
    expect(await run('docker run --rm --network later busybox ping -c 1 joiner')).toContain('1 packets received');
    await run('docker network disconnect later joiner && docker rm -f joiner && docker network rm later');
  });
});

describe('what outlives a container', () => {
  it('is in a named volume', async () => {
    await run('docker volume create notes && docker run --rm -v notes:/data busybox sh -c "echo kept > /data/note"');
    expect(await run('docker run --rm -v notes:/data:ro busybox cat /data/note')).toBe('kept\n');
    expect(await run('docker volume ls')).toMatch(/local +notes/);
    await run('docker volume rm notes');
    expect(await run('docker volume ls -q')).toBe('');
  });

  it('is in the workspace, which is mounted both ways', async () => {
    await sandbox.applyFiles([written('shared/from-page.txt', 'of the page\n')]);
    const changes: FileChange[] = [];
    const stop = sandbox.onFileChange(change => changes.push(change));
    const said = await run('docker run --rm -v "$PWD/shared:/work" busybox sh -c "cat /work/from-page.txt; echo of the container > /work/back.txt"');
    expect(said).toBe('of the page\n');
    const back = await eventually('the file comes to the page', () =>
      changes.find(change => change.kind === 'written' && change.path === 'shared/back.txt' && change.content.length > 0),
    );
    stop();
    expect(back.kind === 'written' && new TextDecoder().decode(back.content)).toBe('of the container\n');
    // A mounted folder is not copied: a container that runs sees what is typed in the editor.
    await run('docker run -d --name watcher -v /workspace/shared:/work busybox sleep 600');
    await sandbox.applyFiles([written('shared/from-page.txt', 'typed later\n')]);
    expect(await run('docker exec watcher cat /work/from-page.txt')).toBe('typed later\n');
    await run('docker rm -f watcher');
  });
});

describe('docker cp, logs, stats, system df, inspect', () => {
  it('copies files out and in', async () => {
    await run('docker run -d --name box busybox sh -c "echo inside > /made; exec sleep 600"');
    await eventually('the file is there', async () => ((await sandbox.run('docker exec box test -s /made')).exitCode === 0 ? true : undefined));
    await run('docker cp box:/made copied.txt');
    expect(await run('cat copied.txt')).toBe('inside\n');
    await sandbox.applyFiles([written('sent.txt', 'sent in\n')]);
    await run('docker cp sent.txt box:/tmp/');
    expect(await run('docker exec box cat /tmp/sent.txt')).toBe('sent in\n');
    await run('docker cp /workspace/shared box:/shared');
    expect(await run('docker exec box cat /shared/back.txt')).toBe('of the container\n');
  });

  it('shows what a container uses', async () => {
    const line = await run('docker stats --no-stream --format "{{.Name}} {{.MemUsage}} {{.PIDs}}" box');
    expect(line).toMatch(/^box [1-9][\d.]*[KM]iB \/ [\d.]+MiB [1-9]/);
    const data = await run('docker system df');
    expect(data).toMatch(/Images +\d+ +\d+ +\d/);
    expect(data).toMatch(/Containers +1 +1/);
    expect(await run('docker inspect box -f "{{.State.Status}} {{.Config.Image}} {{.NetworkSettings.IPAddress}}"')).toMatch(
      /^running busybox 172\.17\./,
    );
    expect(await run('docker top box')).toContain('sleep 600');
    await run('docker rm -f box');
  });

  it('follows logs until the container ends', async () => {
    const learner = await learnerAt(sandbox);
    await learner.enter('docker run -d --name talker busybox sh -c "echo one; sleep 3; echo two"');
    const shown = await learner.enter('docker logs -f talker');
    expect(shown).toMatch(/\none\ntwo\n/);
    await run('docker rm talker');
  });
});

describe('docker compose', () => {
  it('in front shows what the containers say, and Ctrl+C stops them', async () => {
    await sandbox.applyFiles([written('talking/compose.yaml', COMPOSE)]);
    const learner = await learnerAt(sandbox);
    await learner.enter('cd talking');
    await learner.type('docker compose up\r');
    const says = (pattern: RegExp) => eventually(String(pattern), () => (pattern.test(learner.text()) ? true : undefined));
    await Promise.all([says(/web-1 .*web listens/), says(/redis-1 .*Ready to accept connections/)]);
    await learner.enter('\x03');
    expect(await run('docker ps -q')).toBe('');
    expect(await run('docker ps -aq')).not.toBe('');
    await learner.enter('docker compose down -v; cd ..');
    expect(await run('docker ps -aq; docker volume ls -q')).toBe('');
  });
});

describe('a registry of one’s own', () => {
  it('takes what is pushed, with the base it has to be given too, and gives it back', async () => {
    await measured('docker run -d --name registry -p 5000:5000 registry:2');
    await sandbox.applyFiles([written('hello/Dockerfile', 'FROM busybox\nCMD ["echo", "from my registry"]\n')]);
    await run('docker build -q -t student/hello:v1 hello && docker tag student/hello:v1 localhost:5000/student/hello:v1');
    await eventually('the registry answers', () => get(5000, '/v2/'));
    expect(await measured('docker push localhost:5000/student/hello:v1')).toMatch(/v1: digest: sha256:[0-9a-f]{64}/);
    expect(await get(5000, '/v2/_catalog')).toContain('student/hello');
    expect(await get(5000, '/v2/student/hello/tags/list')).toContain('v1');
    await run('docker rmi student/hello:v1 localhost:5000/student/hello:v1');
    expect((await sandbox.run('docker image inspect localhost:5000/student/hello:v1')).exitCode).not.toBe(0);
    expect(await measured('docker pull localhost:5000/student/hello:v1')).toContain('Downloaded newer image');
    expect(await run('docker run --rm localhost:5000/student/hello:v1')).toBe('from my registry\n');
    expect(await run('docker rm -f registry')).toBe('registry\n');
  });
});
