/** What the guest's programs get from the world outside: images of the hub, Python packages, and else a plain refusal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familiarName, type HubCatalog, type HubImage } from '../../src/core/hub/hub-catalog.ts';
import type { Notice } from '../../src/core/protocol/sandbox.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { fail, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
let catalog: HubCatalog;
const notices: Notice[] = [];
/** The blobs read, in order. */
const reads: string[] = [];
/** Blobs that cannot be read, and how many times yet. */
const faults = new Map<string, number>();

beforeAll(async () => {
  sandbox = await startGuestSandbox({}, host => ({
    async readFile(name, onBytes) {
      const bytes = await host.readFile(name, onBytes);
      if (name === 'hub.json') catalog = JSON.parse(new TextDecoder().decode(bytes)) as HubCatalog;
      return bytes;
    },
    readBlob(sha256, fresh) {
      reads.push(sha256);
      const left = faults.get(sha256) ?? 0;
      if (left === 0) return host.readBlob(sha256, fresh);
      faults.set(sha256, left - 1);
      return Promise.reject(new Error('the server answered 502'));
    },
  }));
  sandbox.onNotice(notice => notices.push(notice));
  await sandbox.hub();
});
afterAll(() => sandbox.dispose());

const run = (command: string) => succeed(sandbox, command, { timeoutMilliseconds: 300_000 });
const failing = (command: string) => fail(sandbox, command, { timeoutMilliseconds: 300_000 });
const imageOf = (repository: string) => catalog.images.find(image => image.repository === repository)!;

/** Images that the engine has none of, or little: what all others are made of is looked at in catalogs.test.ts, and servers are run in servers.test.ts. */
const SMALL = new Set(['hello-world', 'traefik/whoami', 'busybox', 'nginx', 'redis', 'registry']);

/** Takes an image out of the engine's store, with all its tags and all that came from it. */
const forget = (name: string) => sandbox.run(`docker rmi -f $(docker images -q ${name}); docker image prune -f`);

describe('docker pull', () => {
  it('gets images of the hub by their Docker Hub names, whole, without the layers that the engine has', async () => {
    const pulled = (await sandbox.hub()).filter(({ name }) => SMALL.has(name));
    for (const { name } of pulled) await forget(name);
    for (const image of pulled) {
      const name = `${image.name}:${image.tags[0]}`;
      const [start, instructions, read] = [performance.now(), sandbox.counters().instructions, reads.length];
      const said = await run(`docker pull ${name}`);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const millions = Math.round((sandbox.counters().instructions - instructions) / 1e6);
      console.log(`docker pull ${name}: ${seconds} s, ${millions} million instructions, ${reads.length - read} pieces`);
      expect(said).toContain(`Status: Downloaded newer image for ${name}`);
    }
    const piecesOf = (images: readonly HubImage[]): Set<string> =>
      new Set(images.flatMap(image => image.layers.flatMap(layer => layer.content.pieces.map(piece => piece.sha256))));
    const wanted = piecesOf(catalog.images.filter(image => SMALL.has(familiarName(image))));
    const kept = piecesOf([imageOf('library/debian')]);
    for (const piece of wanted) expect(reads.filter(read => read === piece)).toHaveLength(kept.has(piece) ? 0 : 1);
  });

  it('gives images that run', async () => {
    expect(await run('docker run --rm hello-world')).toContain('Hello from Docker!');
    expect(await run('docker run --rm python:3.13-slim python -c "print(6 * 7)"')).toBe('42\n');
    await run('docker tag python:3.13-slim other; docker rmi python:3.13-slim');
    expect(await run('docker run --rm python:3.13-slim python --version')).toMatch(/^Python 3\.13/);
  });

  it('has the same image by digest', async () => {
    const digest = /Digest: (sha256:[0-9a-f]{64})/.exec(await run('docker pull redis'))![1]!;
    expect(await run(`docker pull redis@${digest}`)).toContain(digest);
  });

  it('of an unknown image, or an unknown tag, says what exists', async () => {
    const unknown = await failing('docker pull foo/bar:1');
    expect(unknown.stderr).toMatch(/The sandbox's hub has no image foo\/bar:1: .* It has: .*debian.*redis/);
    expect((await failing('docker run --rm redis:99')).stderr).toMatch(/The sandbox's hub has no image redis:99: use redis:/);
    await sandbox.applyFiles([written('unknown/Dockerfile', 'FROM alpine\n')]);
    const build = await failing('docker build /workspace/unknown');
    expect(build.stdout + build.stderr).toMatch(/The sandbox's hub has no image alpine:latest: use busybox:/);
    expect((await failing('docker pull ghcr.io/some/thing')).stderr).toContain(
      'This sandbox has no internet: ghcr.io cannot be reached. Its own hub has: ',
    );
  });

  it('gives the nearest image under the name asked for, where that is switched on, and says so', async () => {
    await sandbox.giveNearestImages(true);
    expect(await run('docker pull redis:7-alpine')).toContain('Status: Downloaded newer image for redis:7-alpine');
    const labels = JSON.parse(await run("docker image inspect redis:7-alpine --format '{{json .Config.Labels}}'")) as Record<string, string>;
    expect(labels).toMatchObject({ 'dev.drydock.stand-in.asked': 'redis:7-alpine', 'dev.drydock.stand-in.is': expect.stringMatching(/^redis:\d/) });
    expect(await run('docker run --rm redis:7-alpine redis-server --version')).toMatch(/^Redis server v=/);
    await sandbox.applyFiles([written('nearest/Dockerfile', 'FROM busybox:1.36\nRUN true\n')]);
    await run('docker build -t nearest /workspace/nearest');
    for (const message of [/redis:7-alpine is redis:\d/, /busybox:1\.36 is busybox:/])
      expect(notices).toContainEqual({ code: 'nearest-image', canRetry: false, message: expect.stringMatching(message) });
    expect((await failing('docker pull centos:7')).stderr).toContain('centos:7: the nearest is debian:');
    await sandbox.giveNearestImages(false);
    expect((await failing('docker pull redis:6-alpine')).stderr).toContain('redis:6-alpine: use redis:');
  });

  it('goes on where it was interrupted', async () => {
    await forget('redis');
    const pieces = imageOf('library/redis')
      .layers.at(-1)!
      .content.pieces.map(piece => piece.sha256);
    expect(pieces.length).toBeGreaterThan(1);
    // As often as one download tries: the connection breaks off, and the engine asks for the rest after five seconds.
    faults.set(pieces.at(-1)!, 4);
    reads.length = 0;
    const terminal = await run('docker pull redis');
    expect(terminal).toContain('Status: Downloaded newer image for redis:latest');
    expect(pieces.map(piece => reads.filter(read => read === piece).length)).toEqual([...pieces.slice(1).map(() => 1), 5]);
    expect(notices).toContainEqual({
      code: 'download-failed',
      canRetry: false,
      message: expect.stringMatching(/layer of the image redis could not be delivered: .*502/),
    });
  });

  it('of a layer that cannot be had at all ends with the reason', async () => {
    await forget('redis');
    faults.set(imageOf('library/redis').layers.at(-1)!.content.pieces[0]!.sha256, Infinity);
    const said = await failing('docker pull redis');
    expect(said.stderr).toMatch(
      /A layer of the image redis could not be delivered: A part of an image \([0-9a-f]{12}\) could not be downloaded: the server answered 502/,
    );
    faults.clear();
    await run('docker pull redis');
  });
});

describe('docker push', () => {
  it('to Docker Hub is refused with the way to a registry of one’s own', async () => {
    const { stderr } = await failing('docker tag busybox student/hello; docker push student/hello');
    expect(stderr).toContain('To push, run a registry of your own: docker run -d -p 5000:5000 registry:2');
  });
});

/** What it installs is installed in lessons 5 and 8. */
describe('pip', () => {
  it('of an unknown package gives its own error, and what exists', async () => {
    const { stdout, stderr } = await failing('docker run --rm python:3.13-slim pip install tensorflow');
    expect(stderr).toContain('ERROR: No matching distribution found for tensorflow');
    expect(stdout + stderr).toMatch(/This sandbox has no internet and no Python package tensorflow\. It has \d+, among them .*flask/);
    expect(notices).toContainEqual({ code: 'no-internet', canRetry: false, message: expect.stringContaining('no Python package tensorflow') });
  });
});

describe('the internet', () => {
  it('is refused in plain words, at once, whatever program asks', async () => {
    const wget = await failing('docker run --rm busybox wget -q -O - http://example.org/');
    expect(wget.stderr).toContain('No internet in this sandbox: example.org is not here');
    const program = `import urllib.request
for url in ("http://example.net/", "https://example.com/"):
    try:
        urllib.request.urlopen(url)
    except OSError as error:
        print(error)`;
    const python = await run(`docker run --rm python:3.13-slim python -c '${program}'`);
    expect(python).toContain('HTTP Error 403: No internet in this sandbox: example.net is not here');
    expect(python).toMatch(/access denied/i);
    // Two things are told in the page ten seconds apart at the least: what was not told is told at the next attempt after that.
    const told = async () => {
      await failing('docker run --rm busybox wget -q -O - http://example.org/');
      return notices.map(notice => notice.message).join('\n');
    };
    await expect.poll(told, { timeout: 120_000, interval: 3000 }).toContain('tried to reach example');
  });
});
