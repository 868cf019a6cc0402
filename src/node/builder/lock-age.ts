import { mirrors, readLock, type DebianLock } from './debian-lock.ts';

const TIMEOUT_MILLISECONDS = 120_000;
const MOMENT_MILLISECONDS = 10_000;

/** Downloads a file of the archive from the first mirror that has it. */
export async function downloadFromMirrors(path: string, timeoutMilliseconds = TIMEOUT_MILLISECONDS): Promise<Buffer> {
  const failures: string[] = [];
  for (const mirror of mirrors) {
    try {
      const answer = await fetch(`${mirror}/${path}`, { signal: AbortSignal.timeout(timeoutMilliseconds) });
      if (answer.ok) return Buffer.from(await answer.arrayBuffer());
      failures.push(`${mirror}: HTTP ${answer.status}`);
    } catch (error) {
      failures.push(`${mirror}: ${String(error)}`);
    }
  }
  throw new Error(`cannot download ${path}: ${failures.join('; ')}`);
}

/** When a suite was published, as ISO 8601, from its Release file (`Date: Sat, 15 Nov 2025 09:39:52 UTC`). */
export function releaseDate(suite: string, release: Buffer): string {
  const date = new Date(/^Date: (.+)$/m.exec(release.toString('utf8'))?.[1] ?? '');
  if (Number.isNaN(date.getTime())) throw new Error(`${suite}'s Release file does not say of when it is`);
  return date.toISOString();
}

/** Of each suite that Debian has published since it was locked, a sentence. */
export async function newerSuites(lock: DebianLock, timeoutMilliseconds?: number): Promise<string[]> {
  const sentences = await Promise.all(
    Object.entries(lock.suites).map(async ([suite, { released }]) => {
      const now = releaseDate(suite, await downloadFromMirrors(`dists/${suite}/InRelease`, timeoutMilliseconds));
      const day = (date: string): string => date.slice(0, 10);
      return now > released
        ? [`Debian has published ${suite} on ${day(now)}, the lock has it of ${day(released)}: "npm run guest:lock" takes the new versions.`]
        : [];
    }),
  );
  return sentences.flat();
}

/** Whether the lock is older than the archive, in sentences: for whoever runs something else, so it takes no more than a moment and never fails. */
export async function lockAge(): Promise<string> {
  try {
    const sentences = await newerSuites(await readLock(), MOMENT_MILLISECONDS);
    return sentences.length > 0 ? sentences.join('\n') : 'The lock of Debian packages is as new as the archive.';
  } catch (error) {
    return `Whether the lock of Debian packages is older than the archive is not known: ${String(error)}`;
  }
}
