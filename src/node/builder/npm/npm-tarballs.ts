import { createHash, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lazily } from '../../../core/base/lazily.ts';
import { cacheFolder } from '../folders.ts';
import { runProgram } from '../run.ts';
import { lockedTool, type NpmLock } from './npm-lock.ts';

const ATTEMPTS = 3;
const TIMEOUT_MILLISECONDS = 300_000;

/** The registry that npm itself is configured to use on this machine, with a slash at its end. */
export const npmRegistry = lazily(async () => {
  const said = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  return said.endsWith('/') ? said : `${said}/`;
});

/** Where every registry has the tarball of a version. */
export function tarballPath(name: string, version: string): string {
  return `${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;
}

/** Where a tarball lies once it was downloaded. */
function tarballFile(integrity: string): string {
  return join(cacheFolder, 'npm', `${Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex').slice(0, 40)}.tgz`);
}

async function download(path: string, integrity: string): Promise<Buffer> {
  const answer = await fetch(new URL(path, await npmRegistry()), { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity) throw new Error(`its integrity is ${found}, the lock file says ${integrity}`);
  return bytes;
}

/** Downloads the tarball of a version if it is missing; gives its file. */
export async function fetchTarball(name: string, version: string, integrity: string): Promise<string> {
  const file = tarballFile(integrity);
  if (existsSync(file)) return file;
  await mkdir(join(cacheFolder, 'npm'), { recursive: true });
  const failures: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const part = `${file}.${randomUUID()}.part`;
      await writeFile(part, await download(tarballPath(name, version), integrity));
      await rename(part, file);
      return file;
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw new Error(
    `cannot download ${name}@${version} from the registry that npm is configured to use:\n  ${failures.join('\n  ')}\n` +
      'See "npm config get registry", or run "npm run npm:lock" where the package was replaced.',
  );
}

/** Unpacks one of the lock's tools into `folder`. */
export async function unpackTool(lock: NpmLock, name: string, folder: string): Promise<void> {
  const { version, integrity } = lockedTool(lock, name);
  await mkdir(folder, { recursive: true });
  await runProgram('tar', ['-xz', '--no-same-owner', '--strip-components=1', '-C', folder, '-f', await fetchTarball(name, version, integrity)]);
}
