import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder that is gone when this process ends, or `remove` is called. */
export async function temporaryFolder(purpose: string): Promise<{ readonly path: string; remove(): void }> {
  const path = await mkdtemp(join(tmpdir(), `drydock-bench-${purpose}-`));
  const remove = (): void => {
    process.removeListener('exit', remove);
    // Chromium may still write while it ends.
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', remove);
  return { path, remove };
}
