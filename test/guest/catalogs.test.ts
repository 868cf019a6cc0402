/** What the build made for the hub and for the package index fits together: no guest is booted for this. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HubCatalog, HubImage } from '../../src/core/hub/hub-catalog.ts';
import { checkNpmCatalog, type NpmPackages } from '../../src/core/npm/npm-catalog.ts';
import type { PackageCatalog } from '../../src/core/packages/package-catalog.ts';
import type { Pieces } from '../../src/core/base/pieces.ts';
import type { BuiltGuest } from '../../src/node/builder/build-guest.ts';
import { builtGuest } from '../support/built-guest.ts';
import { readRecipes } from '../../src/node/builder/images/recipe-file.ts';
import { readZip } from '../node/builder/read-zip.ts';

const MAX_BYTES = 256 * 1024 * 1024;
let guest: BuiltGuest;
let hub: HubCatalog;
let packages: PackageCatalog;

beforeAll(async () => {
  guest = await builtGuest();
  hub = JSON.parse(readFileSync(join(guest.hub, 'hub.json'), 'utf8')) as HubCatalog;
  packages = JSON.parse(readFileSync(join(guest.packages, 'packages.json'), 'utf8')) as PackageCatalog;
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Puts pieces together as the page does, with each piece checked against its name. */
function unpack({ bytes, pieceBytes, pieces }: Pieces, folder: string): Buffer {
  const whole = Buffer.concat(
    pieces.map((piece, index) => {
      const file = join(folder, 'blobs', `${piece.sha256}.zst`);
      const stored = readFileSync(file);
      expect([sha256(stored), stored.length]).toEqual([piece.sha256, piece.bytes]);
      const content = execFileSync('zstd', ['-dcq', file], { maxBuffer: MAX_BYTES });
      expect(content.length).toBe(Math.min(pieceBytes, bytes - index * pieceBytes));
      return content;
    }),
  );
  expect(whole.length).toBe(bytes);
  return whole;
}

function imageOf(repository: string): HubImage {
  return hub.images.find(image => image.repository === repository)!;
}

function configOf(image: HubImage) {
  return JSON.parse(image.config) as {
    rootfs: { diff_ids: string[] };
    history: { empty_layer?: boolean }[];
    config: { Labels?: Record<string, string>; Cmd?: string[]; Entrypoint?: string[]; ExposedPorts?: object; Volumes?: object };
  };
}

describe('the hub', () => {
  test('has an image of every recipe, and the releases that are promised', async () => {
    const names = hub.images.flatMap(image => image.tags.map(tag => `${image.repository}:${tag}`));
    expect(names).toEqual([...new Set(names)]);
    for (const { repository, tags } of (await readRecipes()).values()) expect(names).toContain(`${repository}:${tags[0]}`);
    const promised = [
      'busybox:latest',
      'debian:13-slim',
      'debian:bookworm',
      'debian:11',
      'debian:latest',
      'python:3.13-slim',
      'python:3.9',
      'python:3.11-slim',
      'nginx:1.26',
      'redis:8',
      'node:20-slim',
      'node:18',
      'node:latest',
    ];
    for (const name of promised) expect(names).toContain(`library/${name}`);
  });

  test('has Python with the tags that tutorials name, each once', () => {
    const tags = hub.images.filter(image => image.repository === 'library/python').flatMap(image => image.tags);
    expect(new Set(tags).size).toBe(tags.length);
    for (const tag of ['3', 'latest', 'slim', '3.13', '3.11', '3.9', '3.9-slim', '3.9-bullseye', '3.11-slim-bookworm']) expect(tags).toContain(tag);
  });

  test('has layers whose bytes give their digests, and tars in them', () => {
    const layers = new Map(hub.images.flatMap(image => image.layers).map(layer => [layer.digest, layer]));
    for (const { digest, content } of layers.values()) {
      const tar = unpack(content, guest.hub);
      expect(`sha256:${sha256(tar)}`).toBe(digest);
      expect(tar.toString('latin1', 257, 262)).toBe('ustar');
    }
  });

  test('has configurations that name just these layers', () => {
    for (const image of hub.images) {
      const { rootfs, history } = configOf(image);
      expect(rootfs.diff_ids, image.repository).toEqual(image.layers.map(layer => layer.digest));
      expect(history.filter(entry => !entry.empty_layer).length, image.repository).toBe(image.layers.length);
    }
  });

  test('shares the layer of Debian, and that of busybox', () => {
    const base = imageOf('library/debian').layers[0]!.digest;
    for (const name of ['python', 'nginx', 'redis', 'httpd', 'php']) expect(imageOf(`library/${name}`).layers[0]!.digest, name).toBe(base);
    expect(imageOf('library/registry').layers[0]!.digest).toBe(imageOf('library/busybox').layers[0]!.digest);
  });

  test('says in labels which Debian packages are inside', () => {
    const expected = {
      busybox: 'busybox-static=',
      debian: 'apt=',
      python: 'python3.13=',
      nginx: 'nginx=',
      redis: 'redis-server=',
      registry: 'docker-registry=',
    };
    for (const [name, text] of Object.entries(expected)) {
      expect(configOf(imageOf(`library/${name}`)).config.Labels!['dev.drydock.debian-packages'], name).toContain(text);
    }
  });

  test('starts, exposes and keeps what the official images do', () => {
    expect(configOf(imageOf('library/nginx')).config).toMatchObject({ Cmd: ['nginx', '-g', 'daemon off;'], ExposedPorts: { '80/tcp': {} } });
    expect(configOf(imageOf('library/redis')).config).toMatchObject({ Cmd: ['redis-server'], Volumes: { '/data': {} } });
    expect(configOf(imageOf('library/registry')).config).toMatchObject({ ExposedPorts: { '5000/tcp': {} }, Volumes: { '/var/lib/registry': {} } });
    expect(configOf(imageOf('traefik/whoami')).config).toMatchObject({ Entrypoint: ['/whoami'], ExposedPorts: { '80/tcp': {} } });
  });
});

describe('the package index', () => {
  /** The wheels that the Python of an image takes. */
  const PYTHONS = ['cp39', 'cp311', 'cp313'];

  test('has the projects of tutorials for each Python, and all that they need', () => {
    for (const python of PYTHONS) {
      const files = packages.projects.flatMap(({ name, files: all }) =>
        all.filter(file => file.filename.includes(`-${python}-`)).map(file => ({ name, file })),
      );
      const names = new Set(files.map(({ name }) => name));
      for (const name of ['flask', 'django', 'fastapi', 'redis', 'gunicorn', 'requests', 'psycopg2-binary', 'numpy', 'pip', 'setuptools', 'wheel']) {
        expect(names, python).toContain(name);
      }
      expect(names.size, 'a project has one wheel for each Python').toBe(files.length);
      for (const { file } of files) {
        const wheel = readZip(unpack(file.content, guest.packages));
        const metadata = wheel
          .find(({ path }) => path.endsWith('.dist-info/METADATA'))!
          .bytes.toString('utf8')
          .split('\n\n')[0]!;
        for (const [, needed, condition] of metadata.matchAll(/^Requires-Dist: ([\w.-]+)([^\n]*)$/gm)) {
          // Conditions are about extras, other Pythons and other systems; what is always needed has none.
          if (!condition!.includes(';')) expect(names, `${file.filename} needs ${needed}`).toContain(needed!.toLowerCase().replace(/[-_.]+/g, '-'));
        }
      }
    }
  });

  test('has wheels of the hashes it tells, with true RECORDs, licences and compiled modules', () => {
    for (const { files } of packages.projects) {
      for (const { filename, sha256: told, content } of files) {
        const bytes = unpack(content, guest.packages);
        expect(sha256(bytes), filename).toBe(told);
        const entries = readZip(bytes);
        const record = entries.at(-1)!;
        expect(record.path, filename).toMatch(/\.dist-info\/RECORD$/);
        const lines = record.bytes.toString('utf8').trimEnd().split('\n');
        expect(lines, filename).toHaveLength(entries.length);
        for (const { path, bytes: own } of entries.slice(0, -1)) {
          expect(lines, filename).toContain(`${path},sha256=${createHash('sha256').update(own).digest('base64url')},${own.length}`);
        }
        // What the lessons install is compiled, whatever Python they take.
        if (/^(flask|redis|gunicorn)-/.test(filename)) {
          const count = (end: string): number => entries.filter(({ path }) => path.endsWith(end)).length;
          expect(count('.pyc'), filename).toBe(count('.py'));
        }
        expect(entries.find(({ path }) => path.endsWith('.dist-info/licenses/copyright'))!.bytes.length, filename).toBeGreaterThan(100);
        const python = /-cp(\d+)-/.exec(filename)![1]!;
        for (const { path, bytes: compiled } of entries.filter(entry => entry.path.endsWith('.pyc'))) {
          expect(path, filename).toMatch(new RegExp(`__pycache__/[^/]+\\.cpython-${python}\\.pyc$`));
          // PEP 552: the flags of a compiled module that is bound to no source.
          expect(compiled.readUInt32LE(4), path).toBe(1);
        }
      }
    }
  });
});

describe('the npm registry', () => {
  test('has tarballs with the hashes that its list gives', () => {
    const catalog = checkNpmCatalog(JSON.parse(readFileSync(join(guest.npm, 'npm.json'), 'utf8')));
    const { packages: listed, binaries } = JSON.parse(unpack(catalog.list, guest.npm).toString()) as NpmPackages;
    const tarballs = unpack(catalog.tarballs, guest.npm);
    const versions = listed.flatMap(one => one.versions);
    expect(versions.length).toBeGreaterThan(500);
    for (const { integrity, shasum, tarball } of versions) {
      if (tarball === undefined) continue;
      const bytes = tarballs.subarray(tarball.start, tarball.start + tarball.bytes);
      expect(`sha512-${createHash('sha512').update(bytes).digest('base64')}`).toBe(integrity);
      expect(createHash('sha1').update(bytes).digest('hex')).toBe(shasum);
    }
    // Each version of sqlite3 finds its compiled part, and with it SQLite.
    expect(binaries.map(({ path }) => path.split('/')[1])).toEqual(
      listed.find(({ name }) => name === 'sqlite3')!.versions.map(({ version }) => `v${version}`),
    );
    for (const { start, bytes } of binaries) {
      const names = execFileSync('tar', ['-tz'], { input: tarballs.subarray(start, start + bytes), encoding: 'utf8' });
      expect(names).toMatch(/\/node_sqlite3\.node\n.*\/libsqlite3\.so\.0\n/);
    }
  });
});
