/** Leaving and coming back: a machine that was saved goes on in another program, with real containers in a real engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox, SandboxOptions } from '../../src/core/sandbox/create-sandbox.ts';
import type { Notice, SaveReport } from '../../src/core/protocol/sandbox.ts';
import { diskSnapshotFolder } from '../../src/node/machine/disk-snapshot-folder.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, learnerAt, succeed, written } from './learner.ts';

/** So much output that nobody has acknowledged holds the guest up (core/machine/console-port.ts). */
const HELD_UP_BYTES = 256 * 1024;

let folder: string;
let sandbox: LocalSandbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-resume-'));
});
afterAll(async () => {
  await sandbox?.dispose();
  await rm(folder, { recursive: true });
});

function start(options: Partial<SandboxOptions> = {}): Promise<LocalSandbox> {
  return startGuestSandbox({ snapshotFolder: () => Promise.resolve(diskSnapshotFolder(folder)), ...options });
}

/** Ends the program's machine and starts another, as a reload of the page does. */
async function comeBack(options: Partial<SandboxOptions> = {}): Promise<void> {
  await sandbox.dispose();
  sandbox = await start(options);
}

const idOf = async (name: string): Promise<string> => (await succeed(sandbox, `docker inspect -f '{{.Id}}' ${name}`)).trim();

describe('a saved machine', () => {
  let containerId: string;

  beforeAll(async () => {
    sandbox = await start();
    await sandbox.applyFiles([
      written('kept.txt', 'as it was\n'),
      written('app/Dockerfile', 'FROM busybox\nCOPY note.txt /\n'),
      written('app/note.txt', 'note\n'),
    ]);
    const learner = await learnerAt(sandbox, 0);
    await learner.enter('cd app && docker build -q -t me/kept:v1 . && mine=remembered');
    await learner.enter('docker run -d --name counter -p 8080:80 busybox sh -c "i=0; while :; do i=\\$((i+1)); echo \\$i > /count; sleep 1; done"');
    await succeed(sandbox, 'echo "outside the workspace" > /root/own.txt; ln -s kept.txt /workspace/link; chmod 640 /workspace/kept.txt');
    containerId = await idOf('counter');
    await sandbox.save();
    await comeBack();
  });

  it('says that it goes on, and from when', async () => {
    const report = await sandbox.ready;
    expect(report.kind).toBe('resumed');
    expect(report.savedAt).toBeGreaterThan(Date.now() - 600_000);
    expect(report.savedAt).toBeLessThan(Date.now());
  });

  it('has its containers, still running, and its images', async () => {
    expect(await idOf('counter')).toBe(containerId);
    const count = async (): Promise<number> => Number(await succeed(sandbox, 'docker exec counter cat /count'));
    const first = await count();
    expect(first).toBeGreaterThan(0);
    await eventually('the container counts on', async () => ((await count()) > first ? true : undefined));
    expect(await succeed(sandbox, 'docker run --rm me/kept:v1 cat /note.txt')).toBe('note\n');
  });

  it('publishes what it published', async () => {
    await eventually('the port', () => (sandbox.ports.some(({ hostPort }) => hostPort === 8080) ? true : undefined));
  });

  it('has its files: of the disk and of the workspace, with their links and rights', async () => {
    expect(await succeed(sandbox, 'cat /root/own.txt')).toBe('outside the workspace\n');
    expect(await succeed(sandbox, 'cat /workspace/link; stat -c %a /workspace/kept.txt')).toBe('as it was\n640\n');
  });

  it('has the same shell with what it showed, where it was', async () => {
    const learner = await learnerAt(sandbox, 0);
    expect(learner.text()).toContain('docker build -q');
    expect(await learner.enter('echo "[$mine] $PWD"')).toContain('[remembered] /workspace/app\n');
  });

  it('has the right time', async () => {
    const before = Date.now();
    const guest = Number(await succeed(sandbox, 'echo $EPOCHREALTIME')) * 1000;
    expect(guest).toBeGreaterThan(before - 2000);
    expect(guest).toBeLessThan(Date.now() + 2000);
  });

  it('does what a learner goes on to do: run, stop, build, exec', async () => {
    const learner = await learnerAt(sandbox, 1);
    expect(await learner.enter('cd /workspace/app; docker build -t me/kept:v2 .')).toContain('naming to docker.io/me/kept:v2');
    expect(await learner.enter('docker run --rm busybox echo from a container')).toContain('from a container\n');
    expect(await learner.enter(`docker stop -t 0 ${containerId.slice(0, 6)}`)).toContain(containerId.slice(0, 6));
  });

  it('gets the files of the page in place of its own', async () => {
    await sandbox.replaceFiles([written('kept.txt', 'as it was\n'), written('new.txt', 'new\n')]);
    expect(await succeed(sandbox, 'ls -1A /workspace; cat new.txt; stat -c %a kept.txt')).toBe('kept.txt\nlink\nnew.txt\nnew\n640\n');
  });

  it('is saved and goes on again and again', async () => {
    for (let round = 0; round < 3; round++) {
      await succeed(sandbox, `echo ${round} >> /root/rounds; docker create --name round-${round} busybox true`);
      await sandbox.save();
      await comeBack();
      expect((await sandbox.ready).kind).toBe('resumed');
    }
    expect(await succeed(sandbox, 'cat /root/rounds')).toBe('0\n1\n2\n');
    expect(await succeed(sandbox, "docker ps -a --format '{{.Names}}' | sort")).toBe('counter\nround-0\nround-1\nround-2\n');
  });
});

describe('a machine that is saved in the middle of its work', () => {
  it('goes on with it', async () => {
    const learner = await learnerAt(sandbox, 0);
    await learner.type('for i in $(seq 1 12); do echo step $i; sleep 1; done; echo all over\r');
    await eventually('the loop runs', () => (/\nstep 3\n/.test(learner.text()) ? true : undefined));
    await sandbox.save();
    await comeBack();
    const again = await learnerAt(sandbox, 0, /step \d+\n/);
    await eventually('the end', () => (/\nall over\n/.test(again.text()) ? true : undefined));
    const steps = [...again.text().matchAll(/\nstep (\d+)(?=\n)/g)].map(([, number]) => Number(number));
    expect(steps.slice(-12)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  it('loses no key that was typed, and nothing that waits to be shown', async () => {
    const session = await sandbox.openTerminal(1, { columns: 100, rows: 30 });
    // Nobody acknowledges: the guest is held up with output that waits in it.
    let shown = 0;
    session.onOutput(bytes => (shown += bytes.length));
    await session.write(new TextEncoder().encode('clear; seq 1 60000 | tr "\\n" " "; echo; echo flood over\r'));
    await eventually('the guest is held up', () => (shown > HELD_UP_BYTES ? true : undefined));
    await sandbox.save();
    await comeBack();
    const learner = await learnerAt(sandbox, 1, /\d/);
    await eventually('the rest', () => (/59998 59999 60000/.test(learner.text().replaceAll('\n', '')) ? true : undefined));
    expect(await learner.enter('echo still here')).toContain('still here\n');
  });

  it('ends what the page had asked for, and answers new questions', async () => {
    const asked = sandbox.run('sleep 300; echo never').catch(() => undefined);
    await eventually('sleep runs', async () => ((await sandbox.run('pgrep -x -f "sleep 300"')).exitCode === 0 ? true : undefined));
    await sandbox.save();
    await comeBack();
    await eventually('sleep is gone', async () => ((await sandbox.run('pgrep -x -f "sleep 300"')).exitCode === 1 ? true : undefined));
    void asked;
  });
});

describe('snapshots with names', () => {
  it('bring an earlier machine back, and stay', async () => {
    await succeed(sandbox, 'docker rm -f counter round-0 round-1 round-2');
    const { id } = await sandbox.save('nothing there');
    await succeed(sandbox, 'docker create --name later busybox true');
    await sandbox.save();
    const { snapshots, usedBytes } = await sandbox.snapshots();
    expect(snapshots.map(({ name }) => name).sort()).toEqual(['nothing there', undefined]);
    expect(usedBytes).toBeGreaterThan(snapshots[0]!.bytes);
    await comeBack({ startFrom: { snapshot: id } });
    expect(await succeed(sandbox, 'docker ps -aq')).toBe('');
    await comeBack();
    // What was restored has not been saved: nothing has happened in it but questions of this test, which count as something.
    expect((await sandbox.ready).kind).toBe('resumed');
    await sandbox.removeSnapshot(id);
    expect((await sandbox.snapshots()).snapshots.map(({ name }) => name)).toEqual([undefined]);
  });
});

describe('what does not fit', () => {
  async function noticed(options: Partial<SandboxOptions>): Promise<Notice[]> {
    await sandbox.dispose();
    const notices: Notice[] = [];
    const made = startGuestSandbox({ snapshotFolder: () => Promise.resolve(diskSnapshotFolder(folder)), ...options }, host => ({
      ...host,
      async readFile(name, onBytes) {
        const bytes = await host.readFile(name, onBytes);
        if (name !== 'machine.json') return bytes;
        // A site with another guest: the same, but its disk is told to be cut in another place.
        const manifest = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes))) as { disk: object };
        return new TextEncoder().encode(JSON.stringify({ ...manifest, disk: { ...manifest.disk, made: 'later' } })).buffer;
      },
    }));
    sandbox = await made;
    sandbox.onNotice(notice => notices.push(notice));
    return notices;
  }

  it('a machine of another release: a fresh one starts', async () => {
    await noticed({});
    expect((await sandbox.ready).kind).toBe('restored');
    expect(await succeed(sandbox, 'docker ps -aq')).toBe('');
  });

  it('a fresh start that was asked for forgets what was saved', async () => {
    await comeBack({ startFrom: 'fresh' });
    expect((await sandbox.ready).kind).toBe('restored');
    await eventually('it is forgotten', async () => ((await sandbox.snapshots()).snapshots.length === 0 ? true : undefined));
  });
});

describe('saving without being asked', () => {
  it('happens soon after something has happened, once', async () => {
    await comeBack({ startFrom: 'fresh' });
    const reports: SaveReport[] = [];
    sandbox.onSave(report => reports.push(report));
    await new Promise(resolve => setTimeout(resolve, 5000));
    expect(reports).toEqual([]);
    const learner = await learnerAt(sandbox, 0);
    await learner.enter('docker run --name unasked busybox true');
    await eventually('a save', () => (reports.length > 0 ? true : undefined));
    expect(reports[0]!.kind).toBe('saved');
    await comeBack();
    expect(await succeed(sandbox, "docker ps -a --format '{{.Names}}'")).toBe('unasked\n');
  });
});
