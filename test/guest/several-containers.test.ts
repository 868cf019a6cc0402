/** Containers as the tutorial's second half has them: in a terminal, with the workspace, with others. Networks, volumes and a registry of one's own: see test/tutorials. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const CONTAINER_PROMPT = /\/ # $/;

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

describe('what outlives a container', () => {
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

describe('containers, from a terminal', () => {
  it('have a terminal as large as the one outside, which follows it', async () => {
    let learner = await learnerAt(sandbox);
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
    const learner = await learnerAt(sandbox);
    await learner.type('docker run --rm --init busybox sleep 700\r');
    await eventually('sleep runs', async () => ((await sandbox.run('pgrep -x -f "sleep 700"')).exitCode === 0 ? true : undefined));
    await learner.enter('\x03');
    expect((await sandbox.run('pgrep -x -f "sleep 700"')).exitCode).toBe(1);
  });

  it('work from two terminals at once', async () => {
    const [learner, other] = [await learnerAt(sandbox), await learnerAt(sandbox, 1)];
    const shown = await Promise.all([learner.enter('docker run --rm busybox echo "o""ne"'), other.enter('docker run --rm busybox echo "t""wo"')]);
    expect(shown[0]).toContain('\none\n');
    expect(shown[1]).toContain('\ntwo\n');
  });
});
