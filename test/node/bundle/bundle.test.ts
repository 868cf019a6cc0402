/** The archive for a room without a network: what is in it, and the two servers that it brings, run as they are. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../../src/node/builder/folders.ts';
import { writeBundle, writeSite } from '../../../src/node/bundle/write-bundle.ts';
import { readZip } from '../builder/read-zip.ts';

const scripts = join(projectFolder, 'src/node/bundle/files');
const BLOB = `machine/blobs/${'a'.repeat(64)}.zst`;
let folder: string;
let site: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-bundle-'));
  site = join(folder, 'drydock/site');
  await mkdir(join(site, 'machine/blobs'), { recursive: true });
  await mkdir(join(site, 'assets'), { recursive: true });
  await cp(scripts, join(folder, 'drydock'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'not for the room');
  const files = {
    'index.html': '<!doctype html>',
    'release.json': '{}',
    'manifest.webmanifest': '{}',
    'machine/machine.json': '{}',
    'machine/v86.wasm': 'wasm',
    'assets/main-x.js': 'export {};',
    [BLOB]: 'packed already',
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(site, path), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the archive', () => {
  test('has the site and what starts it, in one folder; scripts can be executed, what is packed already is stored as it is', async () => {
    const target = join(folder, 'bundle.zip');
    const { bytes, fileCount } = await writeBundle(site, target, () => undefined);
    const archive = await readFile(target);
    expect(archive.length).toBe(bytes);
    const files = new Map(readZip(archive).map(file => [file.path, file]));
    expect(fileCount).toBe(7);
    for (const name of ['start.sh', 'start.command', 'start.cmd', 'serve.mjs', 'serve.py', 'README.txt'])
      expect([...files.keys()]).toContain(`drydock/${name}`);
    expect(files.get('drydock/start.sh')!.mode & 0o777).toBe(0o755);
    expect(files.get('drydock/start.command')!.bytes).toEqual(files.get('drydock/start.sh')!.bytes);
    expect(files.get('drydock/serve.mjs')!.mode & 0o777).toBe(0o644);
    expect(files.get('drydock/site/index.html')!.bytes.toString()).toBe('<!doctype html>');
    expect(archive.includes('packed already')).toBe(true);
    // As a system's own unpacker reads it.
    const { status, stdout } = spawnSync('python3', ['-m', 'zipfile', '-t', target], { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });

  test('of the site alone has the site in a folder, and nothing else; the same site gives the same bytes', async () => {
    const [target, again] = [join(folder, 'site.zip'), join(folder, 'again.zip')];
    expect((await writeSite(site, target, () => undefined)).fileCount).toBe(7);
    const paths = readZip(await readFile(target)).map(file => file.path);
    expect(paths).toHaveLength(7);
    expect(paths.every(path => path.startsWith('drydock-site/'))).toBe(true);
    await utimes(join(site, 'index.html'), 12_345, 12_345);
    await writeSite(site, again, () => undefined);
    expect((await readFile(again)).equals(await readFile(target))).toBe(true);
  });

  test('a site that is not whole is refused', async () => {
    await expect(writeBundle(scripts, join(folder, 'none.zip'), () => undefined)).rejects.toThrow(/lacks index.html: "npm run build" makes it/);
  });

  test('the script for Windows has the line ends of Windows', async () => {
    const text = await readFile(join(scripts, 'start.cmd'), 'latin1');
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>(resolve => server.close(() => resolve()));
  return port;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** Not by `fetch`, which would tidy the path before it is sent. */
function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, headers, method, agent: false }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject).end();
  });
}

describe.each([
  { name: 'Node.js', command: (port: number) => [process.execPath, 'serve.mjs', '--port', String(port)] },
  { name: 'Python', command: (port: number) => ['python3', 'serve.py', '--port', String(port)] },
  { name: 'start.sh', command: (port: number) => ['sh', 'start.sh', '--port', String(port)] },
])('the server for $name', ({ command }) => {
  let server: ChildProcess | undefined;
  let port: number;
  let said = '';

  const start = async (): Promise<void> => {
    port = await freePort();
    const [program, ...args] = command(port);
    said = '';
    const started = spawn(program!, args, { cwd: join(folder, 'drydock') });
    server = started;
    await new Promise<void>((resolve, reject) => {
      const hear = (bytes: Buffer): void => {
        said += String(bytes);
        if (said.includes('Ctrl+C ends Drydock')) resolve();
      };
      started.stdout.on('data', hear);
      started.stderr.on('data', hear);
      started.on('exit', code => reject(new Error(`it ended with ${code}: ${said}`)));
    });
  };
  const end = async (): Promise<void> => {
    const ended = new Promise(resolve => server?.on('exit', resolve));
    server?.kill('SIGKILL');
    await ended;
  };
  afterEach(end);

  test('gives every file with its type, for ever where its name says what is in it', async () => {
    await start();
    expect(said).toContain(`http://localhost:${port}/`);
    const types = {
      '/': 'text/html; charset=utf-8',
      '/?lesson=02-first-image': 'text/html; charset=utf-8',
      '/machine/machine.json?release=0123456789abcdef': 'application/json',
      '/machine/v86.wasm': 'application/wasm',
      '/assets/main-x.js': 'text/javascript',
      '/manifest.webmanifest': 'application/manifest+json',
      [`/${BLOB}`]: 'application/octet-stream',
    };
    for (const [path, type] of Object.entries(types)) {
      const { headers, status } = await ask(port, path);
      expect([path, status, headers['content-type']]).toEqual([path, 200, type]);
    }
    expect((await ask(port, `/${BLOB}`)).headers['cache-control']).toMatch(/immutable/);
    expect((await ask(port, '/')).headers['cache-control']).toBe('no-cache');
    expect((await ask(port, '/', {}, 'HEAD')).text).toBe('');
  });

  test('gives what has not changed once', async () => {
    await start();
    const { headers } = await ask(port, '/machine/machine.json');
    const known: Record<string, string> =
      headers['etag'] === undefined ? { 'if-modified-since': String(headers['last-modified']) } : { 'if-none-match': String(headers['etag']) };
    expect((await ask(port, '/machine/machine.json', known)).status).toBe(304);
  });

  test('gives nothing from outside the site, and no lists of folders', async () => {
    await start();
    for (const path of [
      '/../../secret.txt',
      '/..%2f..%2fsecret.txt',
      '/%2e%2e/%2e%2e/secret.txt',
      '/../serve.mjs',
      '/nothing',
      '/machine/',
      '/%zz',
    ]) {
      const { status, text } = await ask(port, path);
      expect([path, status], text).toEqual([path, 404]);
    }
  });

  test('says what to do when the port is taken', async () => {
    await start();
    const [program, ...args] = command(port);
    const second = spawnSync(program!, args, { cwd: join(folder, 'drydock'), encoding: 'utf8' });
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`Port ${port} `);
    expect(second.stderr).toContain('choose another one');
  });
});

describe('serve.mjs', () => {
  test.each([
    [['--port', 'eighty'], '"eighty" is not a port'],
    [['--cert', 'a.crt'], '--cert and --key go together'],
    [['--prot', '80'], 'Use: node serve.mjs'],
  ])('%j is refused in plain words', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'drydock/serve.mjs'), ...args], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});
