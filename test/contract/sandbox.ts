import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxError } from '../../src/core/base/errors.ts';
import type { Connection } from '../../src/core/network/connection.ts';
import type { FileChange } from '../../src/core/workspace/file-change.ts';
import type { SaveReport, Sandbox, TerminalSession } from '../../src/core/protocol/sandbox.ts';
import { engineOf } from '../support/engine.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a terminal has shown since it was opened. */
interface Shown {
  readonly session: TerminalSession;
  text(): string;
  type(text: string): Promise<void>;
}

async function open(sandbox: ContractSandbox, index: number, columns = 100, rows = 30): Promise<Shown> {
  const session = await sandbox.openTerminal(index, { columns, rows });
  let text = '';
  session.onOutput(bytes => {
    text += decoder.decode(bytes);
    session.acknowledge(bytes.length);
  });
  return { session, text: () => text, type: typed => session.write(encoder.encode(typed)) };
}

/** Waits until a terminal shows a pattern. */
async function shows(terminal: Shown, pattern: RegExp): Promise<void> {
  await expect.poll(terminal.text, { timeout: 60_000, interval: 50 }).toMatch(pattern);
}

/** Dials until a program answers, and reads what it says. */
async function untilServed(dial: () => Promise<Connection>): Promise<string> {
  for (;;) {
    const connection = await dial();
    let text = '';
    const end = new Promise<SandboxError | undefined>(resolve => {
      connection.onData(bytes => (text += decoder.decode(bytes)));
      connection.onClose(resolve);
    });
    if ((await end) === undefined) return text;
  }
}

const written = (path: string, text: string, executable = false): FileChange => ({
  kind: 'written',
  path,
  content: encoder.encode(text),
  executable,
});

/** What of a sandbox can be asked from outside its realm: a channel of a request or a large file does not cross into the test. */
export type ContractSandbox = Omit<Sandbox, 'servePreview' | 'exportSnapshot' | 'importSnapshot'>;

/** What every Sandbox does, whether in this process or behind a worker. `start` gives one that is ready. */
export function sandboxContract(name: string, start: () => Promise<ContractSandbox>): void {
  describe(`a sandbox ${name}`, () => {
    let sandbox: ContractSandbox;
    beforeAll(async () => {
      sandbox = await start();
    });
    afterAll(() => sandbox?.dispose());

    test('tells how it came up', async () => {
      const report = await sandbox.ready;
      expect(report.kind).toBe('restored');
      expect(report.loadedBytes).toBeGreaterThan(1_000_000);
    });

    test('runs a command: output, error output and exit code apart', async () => {
      expect(await sandbox.run('echo out; echo err >&2; exit 3')).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
      expect(await sandbox.run('cat; pwd', { stdin: 'given ünï\n', directory: '/etc' })).toMatchObject({ exitCode: 0, stdout: 'given ünï\n/etc\n' });
    });

    test('ends a command that takes too long, with its code', async () => {
      await expect(sandbox.run('sleep 60', { timeoutMilliseconds: 1500 })).rejects.toMatchObject({ code: 'timed-out' });
    });

    test('files of the page are there for the next command', async () => {
      await sandbox.applyFiles([
        { kind: 'folder', path: 'box' },
        written('box/run me.sh', '#!/bin/sh\necho ran\n', true),
        written('box/old', 'text'),
        { kind: 'renamed', path: 'box/old', to: 'box/new' },
        written('box/gone', ''),
        { kind: 'removed', path: 'box/gone' },
      ]);
      expect(await sandbox.run('ls box; "box/run me.sh"; cat box/new')).toMatchObject({ stdout: 'new\nrun me.sh\nran\ntext' });
    });

    test('the workspace becomes what it is told, whatever was there', async () => {
      await sandbox.applyFiles([written('old/a', 'a'), written('same', 'same')]);
      const before = await sandbox.run('stat -c "%i %Y" same');
      await sandbox.replaceFiles([written('same', 'same'), { kind: 'folder', path: 'empty' }]);
      expect((await sandbox.run('ls -F')).stdout).toBe('empty/\nsame\n');
      expect(await sandbox.run('stat -c "%i %Y" same')).toEqual(before);
      await sandbox.replaceFiles([]);
    });

    test('is saved when it is told to, and says what was saved', async () => {
      const reports: SaveReport[] = [];
      const stop = sandbox.onSave(report => reports.push(report));
      const saved = await sandbox.save('named');
      expect(saved).toMatchObject({ name: 'named' });
      expect(saved.bytes).toBeGreaterThan(50_000_000);
      await expect.poll(() => reports, { timeout: 10_000 }).toContainEqual(expect.objectContaining({ kind: 'saved', snapshot: saved }));
      stop();
      const { snapshots, usedBytes } = await sandbox.snapshots();
      expect(snapshots.map(({ name }) => name).sort()).toEqual(['named', undefined]);
      expect(usedBytes).toBeLessThan(1.5 * saved.bytes);
      expect((await sandbox.run('echo goes on')).stdout).toBe('goes on\n');
      await sandbox.saveChanges();
      await sandbox.removeSnapshot(saved.id);
      expect((await sandbox.snapshots()).snapshots.map(({ name }) => name)).toEqual([undefined]);
    });

    test('changes made in the guest are told, those of the page are not', async () => {
      const changes: FileChange[] = [];
      const stop = sandbox.onFileChange(change => changes.push(change));
      await sandbox.applyFiles([written('mine', 'x')]);
      await sandbox.run('mkdir -p sub; printf made > sub/made; mv sub/made sub/moved; rm -f mine');
      await expect.poll(() => changes.at(-1), { timeout: 10_000 }).toEqual({ kind: 'removed', path: 'mine' });
      stop();
      expect(changes).toContainEqual({ kind: 'folder', path: 'sub' });
      expect(changes).toContainEqual({ kind: 'written', path: 'sub/made', content: encoder.encode('made'), executable: false });
      expect(changes).toContainEqual({ kind: 'renamed', path: 'sub/made', to: 'sub/moved' });
      expect(changes.filter(change => change.kind === 'written' && change.path === 'mine')).toEqual([]);
    });

    test('a terminal is a tty of the size that was asked, also after a resize', async () => {
      const terminal = await open(sandbox, 0, 97, 31);
      await terminal.type('echo first $(stty size)\r');
      await shows(terminal, /first 31 97/);
      terminal.session.resize({ columns: 83, rows: 21 });
      // The guest takes a new size in its own time: what is typed at once may still see the old one.
      const asked = async () => {
        await terminal.type('echo second $(stty size)\r');
        return terminal.text();
      };
      await expect.poll(asked, { timeout: 60_000, interval: 500 }).toMatch(/second 21 83/);
    });

    test('a terminal opened again is the same shell', async () => {
      const first = await open(sandbox, 0);
      await first.type('remembered=yes; echo se""t\r');
      await shows(first, /set[\r\n]/);
      first.session.close();
      const again = await open(sandbox, 0);
      await again.type('echo "it is $remembered"\r');
      await shows(again, /it is yes/);
    });

    test('the three terminals are three ttys, and there is no fourth', async () => {
      const names = new Set<string>();
      for (const index of [0, 1, 2]) {
        const terminal = await open(sandbox, index);
        await terminal.type('echo "<$(tty)>"\r');
        await shows(terminal, /<\/dev\/\w+>/);
        names.add(/<(\/dev\/\w+)>/.exec(terminal.text())?.[1] ?? '');
      }
      expect(names.size).toBe(3);
      await expect(sandbox.openTerminal(3, { columns: 80, rows: 24 })).rejects.toMatchObject({ code: 'guest-unreachable' });
    });

    test('a long input arrives whole and in order', async () => {
      const terminal = await open(sandbox, 1);
      const lines = Array.from({ length: 3000 }, (_, index) => `line ${String(index).padStart(6, '0')} ${'x'.repeat(48)}\n`).join('');
      await terminal.type('stty -echo; cat > /tmp/long; stty echo\r');
      // The shell must have switched the echo off before the text comes, or the guest shows it all.
      await new Promise(resolve => setTimeout(resolve, 1500));
      await terminal.type(`${lines}\x04`);
      await expect.poll(async () => (await sandbox.run('wc -c < /tmp/long')).stdout.trim(), { timeout: 60_000 }).toBe(String(lines.length));
      expect((await sandbox.run('cat /tmp/long')).stdout).toBe(lines);
    });

    test('knows the engine’s images', async () => {
      const tags = (await engineOf(sandbox).images()).flatMap(image => image.tags);
      expect(tags).toEqual(expect.arrayContaining(['busybox:latest', 'hello-world:latest', 'python:3.13-slim']));
    });

    test('a connection where nothing answers closes and says so; a program’s port gives its bytes', async () => {
      const nothing = await sandbox.dial(':4321');
      expect(await new Promise<unknown>(resolve => nothing.onClose(resolve))).toMatchObject({ code: 'guest-unreachable' });
      const running = sandbox.run('echo served | busybox nc -l -p 4322');
      const text = await untilServed(() => sandbox.dial(':4322'));
      expect(text).toBe('served\n');
      await running;
    });

    test('tells what happens in the engine', async () => {
      const events: string[] = [];
      const stop = sandbox.onEngineNews(news => news.kind === 'event' && events.push(`${news.event.type} ${news.event.action}`));
      await sandbox.run('docker volume create told; docker tag busybox told:v1; docker rmi told:v1; docker volume rm told');
      await expect.poll(() => events, { timeout: 10_000 }).toEqual(['volume create', 'image tag', 'image untag', 'volume destroy']);
      stop();
    });

    test('knows what can be pulled', async () => {
      const images = await sandbox.hub();
      expect(images.map(image => image.name)).toEqual(expect.arrayContaining(['debian', 'nginx', 'python', 'redis', 'registry']));
      for (const { bytes, wireBytes, layers } of images) {
        expect(layers.length).toBeGreaterThan(0);
        expect(layers.reduce((sum, layer) => sum + layer.bytes, 0)).toBe(bytes);
        expect(wireBytes).toBeLessThan(bytes);
      }
    });

    test('tells which ports are published, on every address or one, and when they are no more', async () => {
      const lists: number[][] = [];
      sandbox.onPorts(ports => lists.push(ports.map(({ hostPort }) => hostPort)));
      await sandbox.run('docker run -d --name published -p 8888:80 -p 127.0.0.1:53:53/udp --expose 99 busybox sleep 600');
      await expect
        .poll(() => sandbox.ports, { timeout: 30_000 })
        .toMatchObject([
          { hostPort: 53, containerPort: 53, protocol: 'udp', container: 'published', image: 'busybox' },
          { hostPort: 8888, containerPort: 80, protocol: 'tcp', container: 'published', image: 'busybox' },
        ]);
      await sandbox.run('docker rename published other');
      await expect.poll(() => sandbox.ports[0]?.container, { timeout: 30_000 }).toBe('other');
      await sandbox.run('docker stop -t 0 other');
      await expect.poll(() => sandbox.ports, { timeout: 30_000 }).toEqual([]);
      await sandbox.run('docker start other');
      await expect.poll(() => sandbox.ports.length, { timeout: 30_000 }).toBe(2);
      await sandbox.run('docker rm -f other');
      await expect.poll(() => sandbox.ports, { timeout: 30_000 }).toEqual([]);
      expect(lists).toEqual([[53, 8888], [53, 8888], [], [53, 8888], []]);
    });

    test('tells how the guest is doing', async () => {
      const status = await new Promise<unknown>(resolve => sandbox.onStatus(resolve));
      expect(status).toMatchObject({ engine: 'running' });
    });
  });
}
