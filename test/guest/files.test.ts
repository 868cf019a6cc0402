import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { MAX_FILE_BYTES, type FileChange } from '../../src/core/workspace/file-change.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, fail, learnerAt, noise, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
let told: FileChange[] = [];
beforeAll(async () => {
  sandbox = await startGuestSandbox();
  sandbox.onFileChange(change => told.push(change));
});
beforeEach(() => {
  told = [];
});
afterAll(() => sandbox.dispose());

/** Waits until the page is told of a change; a written file's content may come in more than one piece. */
function toldOf(wanted: { kind: FileChange['kind']; path: string; to?: string; text?: string; executable?: boolean }): Promise<FileChange> {
  const { text, ...rest } = wanted;
  const fits = (change: FileChange) =>
    Object.entries(rest).every(([key, value]) => (change as unknown as Record<string, unknown>)[key] === value) &&
    (text === undefined || (change.kind === 'written' && new TextDecoder().decode(change.content) === text));
  return eventually(`the page is told ${JSON.stringify(wanted)}`, () => told.find(fits), 10_000);
}

describe('what the page does in the workspace', () => {
  it('is seen by the next command: new files with their folders, changes, and what may be executed', async () => {
    await sandbox.applyFiles([written('a/b/one.txt', 'one\n'), written('run.sh', '#!/bin/sh\necho ran\n', true), { kind: 'folder', path: 'empty' }]);
    expect(await succeed(sandbox, 'cat a/b/one.txt; ./run.sh; ls -d empty/')).toBe('one\nran\nempty/\n');
    await sandbox.applyFiles([written('a/b/one.txt', 'changed, and longer\n')]);
    expect(await succeed(sandbox, 'cat a/b/one.txt; stat -c %s a/b/one.txt')).toBe('changed, and longer\n20\n');
    await sandbox.applyFiles([written('a/b/one.txt', 'x')]);
    expect(await succeed(sandbox, 'cat a/b/one.txt')).toBe('x');
  });

  it('is seen when it renames and removes', async () => {
    await sandbox.applyFiles([written('old/name.txt', 'kept'), written('gone.txt', 'g')]);
    await succeed(sandbox, 'cat old/name.txt gone.txt');
    await sandbox.applyFiles([
      { kind: 'renamed', path: 'old', to: 'new' },
      { kind: 'removed', path: 'gone.txt' },
    ]);
    expect(await succeed(sandbox, 'cat new/name.txt')).toBe('kept');
    await fail(sandbox, 'ls old');
    await fail(sandbox, 'cat gone.txt');
  });

  it('is not told back to it', async () => {
    await sandbox.applyFiles([
      written('mine.txt', 'mine'),
      { kind: 'renamed', path: 'mine.txt', to: 'still-mine.txt' },
      { kind: 'removed', path: 'still-mine.txt' },
    ]);
    await succeed(sandbox, 'touch marker');
    await toldOf({ kind: 'written', path: 'marker' });
    expect(told.filter(change => change.path !== 'marker')).toEqual([]);
  });

  it('arrives byte for byte, also when it is large', async () => {
    const bytes = noise(8 * 1024 * 1024);
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', bytes.slice())).toString('hex');
    await sandbox.applyFiles([written('large.bin', bytes)]);
    expect(await succeed(sandbox, 'sha256sum large.bin')).toContain(hash);
    await sandbox.applyFiles([{ kind: 'removed', path: 'large.bin' }]);
  });

  it('is refused with the reason when a file is too large, and the guest goes on', async () => {
    await expect(sandbox.applyFiles([written('huge.bin', new Uint8Array(MAX_FILE_BYTES + 1))])).rejects.toMatchObject({
      code: 'workspace-refused',
      message: expect.stringContaining('larger than 32 MB') as string,
    });
    await fail(sandbox, 'ls huge.bin');
  });

  it('is refused when a folder is in the way', async () => {
    await sandbox.applyFiles([{ kind: 'folder', path: 'taken' }]);
    await expect(sandbox.applyFiles([written('taken', 'x')])).rejects.toMatchObject({ code: 'workspace-refused' });
  });
});

describe('what a command does in the workspace', () => {
  it('is told: files, folders, renames, removals', async () => {
    await succeed(sandbox, "mkdir made; echo 'by the guest' > made/file.txt");
    await toldOf({ kind: 'folder', path: 'made' });
    await toldOf({ kind: 'written', path: 'made/file.txt', text: 'by the guest\n' });
    await succeed(sandbox, 'mv made/file.txt made/moved.txt');
    await toldOf({ kind: 'renamed', path: 'made/file.txt', to: 'made/moved.txt' });
    await succeed(sandbox, 'rm -r made');
    await toldOf({ kind: 'removed', path: 'made' });
  });

  it('is told when a file becomes executable', async () => {
    await succeed(sandbox, 'echo "#!/bin/sh" > script; chmod +x script');
    await toldOf({ kind: 'written', path: 'script', executable: true });
  });

  it('is told of a file that is written to for long before it is closed', async () => {
    const run = sandbox.run('exec 5> slow.log; echo first >&5; sleep 6; echo second >&5');
    await toldOf({ kind: 'written', path: 'slow.log', text: 'first\n' });
    await run;
    await toldOf({ kind: 'written', path: 'slow.log', text: 'first\nsecond\n' });
  });

  it('is told with odd names as they are', async () => {
    for (const name of ['with space', 'ünïcödé-文件', "quote'd", '-dash', 'new\nline', 'back\\slash']) {
      await succeed(sandbox, 'IFS= read -r -d "" name; echo odd > "./$name"', { stdin: `${name}\0` });
      await toldOf({ kind: 'written', path: name, text: 'odd\n' });
    }
  });

  it('is told for what is typed in a terminal, too', async () => {
    const learner = await learnerAt(sandbox);
    await learner.enter('echo typed > typed.txt');
    await toldOf({ kind: 'written', path: 'typed.txt', text: 'typed\n' });
  });

  it('runs into a full workspace as into a full disk', async () => {
    const { stderr } = await fail(sandbox, 'head -c 40M /dev/zero > too-large.bin');
    expect(stderr).toMatch(/No space left|File too large/);
    await succeed(sandbox, 'rm -f too-large.bin');
  });

  it('is told before it is done where an image or a container is too large for a file here, with what to write instead', async () => {
    const saved = await fail(sandbox, 'docker save -o x.tar debian:13-slim');
    expect(saved.stderr).toMatch(/^x\.tar would have at least \d+ MB, and a file in \/workspace can have 32 MB at most\./);
    expect(saved.stderr).toContain('docker save -o /root/x.tar debian:13-slim\n');
    await fail(sandbox, 'ls x.tar');
    await succeed(sandbox, 'docker create --name large debian:13-slim');
    for (const command of [
      'docker image save debian:13-slim hello-world > y.tar',
      'cd /root && docker container export large --output=/workspace/y.tar',
    ])
      expect((await fail(sandbox, command)).stderr).toMatch(/^y\.tar would have at least \d+ MB/);
    // The way out that it names, with an image that takes less time.
    expect(saved.stderr).toContain('docker save debian:13-slim | split -b 30m - /workspace/x.tar.\n');
    await succeed(sandbox, 'docker save hello-world | split -b 300k - /workspace/x.tar.');
    expect(await succeed(sandbox, 'ls x.tar.*; cat x.tar.* | tar t | grep manifest; rm x.tar.* y.tar')).toBe(
      'x.tar.aa\nx.tar.ab\nx.tar.ac\nmanifest.json\n',
    );
    await succeed(sandbox, 'docker save -o small.tar hello-world && rm small.tar && docker rm large');
  });

  it('works with symbolic links, hard work with many files, and git-like renames over a file', async () => {
    await succeed(sandbox, 'mkdir many && cd many && for i in $(seq 300); do echo $i > f$i; done; ln -s f7 link; cat link');
    expect(await succeed(sandbox, 'cat many/link; ls many | wc -l; cat many/f* | wc -l')).toBe('7\n301\n300\n');
    await toldOf({ kind: 'written', path: 'many/f300', text: '300\n' });
    await succeed(sandbox, 'echo new > many/f1.lock; mv many/f1.lock many/f1');
    await toldOf({ kind: 'written', path: 'many/f1', text: 'new\n' });
    await succeed(sandbox, 'rm -r many');
    await toldOf({ kind: 'removed', path: 'many' });
  });
});

describe('the workspace in a container', () => {
  it('is the same folder when it is mounted: both sides see each other', async () => {
    await sandbox.applyFiles([written('shared/from-page.txt', 'hello container\n')]);
    const command = "docker run --rm -v /workspace/shared:/data busybox sh -c 'cat /data/from-page.txt; echo hello page > /data/from-container.txt'";
    expect(await succeed(sandbox, command)).toBe('hello container\n');
    await toldOf({ kind: 'written', path: 'shared/from-container.txt', text: 'hello page\n' });
  });

  it('shows a running container what the page changes', async () => {
    await succeed(sandbox, 'docker run -d --name watcher -v "$PWD/shared:/data:ro" busybox sleep 900');
    await sandbox.applyFiles([written('shared/from-page.txt', 'changed since\n')]);
    expect(await succeed(sandbox, 'docker exec watcher cat /data/from-page.txt')).toBe('changed since\n');
    expect((await fail(sandbox, 'docker exec watcher touch /data/x')).stderr).toContain('Read-only file system');
    await succeed(sandbox, 'docker rm -f watcher');
  });

  it('holds databases of SQLite with a write-ahead log: their programs share memory through a file, and what they wrote is told', async () => {
    const program = [
      'import sqlite3',
      'writer = sqlite3.connect("notes.db")',
      'print(writer.execute("pragma journal_mode=wal").fetchone()[0])',
      'writer.execute("create table notes (text)")',
      'reader = sqlite3.connect("notes.db")',
      'for text in ("one", "two"):',
      '    writer.execute("insert into notes values (?)", (text,))',
      '    writer.commit()',
      '    print(reader.execute("select count(*) from notes").fetchone()[0])',
    ];
    await sandbox.applyFiles([written('database/notes.py', `${program.join('\n')}\n`)]);
    const python = 'docker run --rm -v /workspace/database:/data -w /data python:3.13-slim python3';
    expect(await succeed(sandbox, `${python} notes.py`)).toBe('wal\n1\n2\n');
    await toldOf({ kind: 'written', path: 'database/notes.db' });
    const read = 'import sqlite3; print(sqlite3.connect("notes.db").execute("select text from notes").fetchall())';
    expect(await succeed(sandbox, `${python} -c '${read}'`)).toBe("[('one',), ('two',)]\n");
  });
});
