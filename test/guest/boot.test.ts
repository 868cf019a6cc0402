import { afterEach, describe, expect, it } from 'vitest';
import { builtGuest } from '../support/built-guest.ts';
import { folderHost } from '../../src/node/machine/folder-host.ts';
import { eagerPolicy } from '../../src/core/machine/compile-governor.ts';
import type { ArtifactHost } from '../../src/core/sandbox/load/artifact-host.ts';
import { createSandbox, type LocalSandbox, type SandboxOptions } from '../../src/core/sandbox/create-sandbox.ts';
import type { MachineManifest } from '../../src/core/sandbox/load/manifest.ts';
import type { BootStage, Notice } from '../../src/core/protocol/sandbox.ts';
import { eventually, learnerAt, PROMPT, succeed, written } from './learner.ts';

/** A site that may serve something else than it should. */
interface FaultyHost extends ArtifactHost {
  /** Every blob asked for, in order, and whether caches were to be gone round. */
  readonly asked: { sha256: string; fresh: boolean }[];
  /** What comes of a blob: itself unless told. May throw. */
  blob: (bytes: Uint8Array, sha256: string) => Uint8Array;
}

async function faultyHost(changeManifest: (manifest: MachineManifest) => object = manifest => manifest): Promise<FaultyHost> {
  const good = folderHost(await builtGuest());
  const asked: FaultyHost['asked'] = [];
  const host: FaultyHost = {
    asked,
    blob: bytes => bytes,
    async readFile(name, onBytes) {
      const bytes = await good.readFile(name, onBytes);
      if (name !== 'machine.json') return bytes;
      const changed = JSON.stringify(changeManifest(JSON.parse(new TextDecoder().decode(bytes)) as MachineManifest));
      return new TextEncoder().encode(changed).buffer as ArrayBuffer;
    },
    async readBlob(sha256, fresh) {
      asked.push({ sha256, fresh });
      return host.blob(await good.readBlob(sha256, fresh), sha256);
    },
  };
  return host;
}

/** The pieces of the saved memory. */
async function pagePieces(): Promise<string[]> {
  const text = new TextDecoder().decode(await folderHost(await builtGuest()).readFile('machine.json', () => undefined));
  return (JSON.parse(text) as MachineManifest).state.pages.pieces.map(({ sha256 }) => sha256);
}

/** A copy with one bit of its middle turned over. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

let sandbox: LocalSandbox;
let notices: Notice[] = [];
let stages: BootStage[] = [];
afterEach(() => sandbox.dispose());

function start(host: ArtifactHost, options: Partial<SandboxOptions> = {}): void {
  notices = [];
  stages = [];
  sandbox = createSandbox(host, { compilePolicy: eagerPolicy, ...options });
  sandbox.onNotice(notice => notices.push(notice));
  sandbox.onProgress(({ stage }) => {
    if (stages.at(-1) !== stage) stages.push(stage);
  });
}

describe('a full boot', () => {
  it('that was asked for ends with a prompt, the files of the page and a running engine', async () => {
    start(await faultyHost(), { startFrom: 'boot' });
    await sandbox.applyFiles([written('here.txt', 'here\n')]);
    expect(await sandbox.ready).toMatchObject({ kind: 'cold' });
    expect(stages).toEqual(['boot', 'engine', 'ready']);
    expect(notices).toEqual([]);
    const learner = await learnerAt(sandbox);
    expect(learner.text()).toMatch(PROMPT);
    expect(await learner.enter('cat here.txt')).toContain('here\n');
    expect(await succeed(sandbox, 'docker ps -q')).toBe('');
    expect(await succeed(sandbox, 'docker run --rm hello-world', { timeoutMilliseconds: 180_000 })).toContain('Hello from');
    const guest = Number(await succeed(sandbox, 'echo $EPOCHREALTIME')) * 1000;
    expect(Math.abs(guest - Date.now())).toBeLessThan(3000);
  });

  it('is done, and told, when the saved state is of another emulator', async () => {
    start(await faultyHost(manifest => ({ ...manifest, v86Version: '0.0.1' })));
    const report = await sandbox.ready;
    expect(report).toMatchObject({ kind: 'cold', reason: expect.stringContaining('another version of the emulator (0.0.1)') as string });
    expect(notices).toMatchObject([{ code: 'cold-boot', canRetry: false, message: expect.stringContaining('0.0.1') as string }]);
    expect(await succeed(sandbox, 'docker images -q busybox')).not.toBe('');
  });
});

describe('a machine of another format', () => {
  it('is refused with what to do', async () => {
    start(await faultyHost(manifest => ({ ...manifest, format: 99 })));
    await expect(sandbox.ready).rejects.toMatchObject({ code: 'snapshot-mismatch', message: expect.stringContaining('Reload the page') as string });
  });
});

describe('a part of the saved state', () => {
  it('that arrives damaged once is read again, past the caches, and nobody is bothered', async () => {
    const host = await faultyHost();
    const [victim] = (await pagePieces()) as [string];
    let times = 0;
    host.blob = (bytes, sha256) => (sha256 === victim && times++ === 0 ? damaged(bytes) : bytes);
    start(host);
    expect(await sandbox.ready).toMatchObject({ kind: 'restored' });
    expect(host.asked.filter(({ sha256 }) => sha256 === victim).map(({ fresh }) => fresh)).toEqual([false, true]);
    expect(notices).toEqual([]);
    expect(await succeed(sandbox, 'echo up')).toBe('up\n');
  });

  it('that is damaged each time is named, and taken when it is tried again', async () => {
    const host = await faultyHost();
    const [victim] = (await pagePieces()) as [string];
    host.blob = (bytes, sha256) => (sha256 === victim ? damaged(bytes) : bytes);
    start(host);
    const notice = await eventually('a notice', () => notices[0], 60_000);
    expect(notice).toMatchObject({ code: 'download-damaged', canRetry: true });
    expect(notice.message).toContain(victim.slice(0, 12));
    expect(stages).toEqual(['download']);
    await sandbox.retry();
    await eventually('a second notice of the same', () => notices.filter(({ resolved }) => !resolved)[1], 60_000);
    host.blob = bytes => bytes;
    await sandbox.retry();
    expect(await sandbox.ready).toMatchObject({ kind: 'restored' });
    expect(notices.at(-1)).toMatchObject({ code: 'download-damaged', resolved: true });
    expect(await succeed(sandbox, 'echo up')).toBe('up\n');
  });

  it('that does not arrive is named, and taken by itself when it is to be had', async () => {
    const host = await faultyHost();
    const pieces = await pagePieces();
    host.blob = (bytes, sha256) => {
      if (pieces.includes(sha256)) throw new Error('the network is away');
      return bytes;
    };
    start(host);
    const notice = await eventually('a notice', () => notices[0], 60_000);
    expect(notice).toMatchObject({ code: 'download-failed', canRetry: true, message: expect.stringContaining('the network is away') as string });
    host.blob = bytes => bytes;
    // Nobody needs to say that the network is back.
    expect(await sandbox.ready).toMatchObject({ kind: 'restored' });
    // Several pieces are missing; that is told once.
    expect(notices.map(({ resolved }) => resolved ?? false)).toEqual([false, true]);
  });
});

describe('a part of the disk', () => {
  /** Reads a file that lies in a part of the disk which the saved state did not need. */
  const READ = 'cat $(find /var/lib/docker/overlay2 -path "*/diff/usr/bin/localedef" | head -n 1) | wc -c';

  it('that cannot be read is waited for as long as it takes, and read when it is tried again', async () => {
    const host = await faultyHost();
    start(host);
    await sandbox.ready;
    host.blob = damaged;
    const run = sandbox.run(READ);
    const notice = await eventually('a notice', () => notices.find(({ canRetry }) => canRetry), 60_000);
    expect(notice.code).toBe('download-damaged');
    expect(notice.message).toContain(host.asked.at(-1)!.sha256.slice(0, 12));
    // Linux gives a disk 30 seconds to answer: a learner may take longer to find the button.
    await new Promise(resolve => setTimeout(resolve, 40_000));
    host.blob = bytes => bytes;
    await sandbox.retry();
    const { exitCode, stdout, stderr } = await run;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(Number(stdout)).toBeGreaterThan(10_000);
    expect(notices.at(-1)).toMatchObject({ code: 'download-damaged', resolved: true });
    expect(await succeed(sandbox, 'grep -c " / ext4 rw" /proc/mounts; dmesg | grep -ciE "i/o error|ata.*(failed|exception)" || true')).toBe('1\n0\n');
    expect(await succeed(sandbox, 'docker run --rm debian:13-slim cat /etc/debian_version', { timeoutMilliseconds: 180_000 })).toMatch(/^13/);
  });
});
