import { attempt } from '../../base/attempts.ts';
import { messageOf, SandboxError } from '../../base/errors.ts';
import type { ArtifactHost, ArtifactName } from './artifact-host.ts';

const ATTEMPTS = 3;

/**
 * Reads a catalog of the site; `what` names it in messages, `check` refuses one of another format. Tries again a few times, then rejects
 * with `download-failed`, `download-damaged` or what `check` throws.
 */
export async function loadCatalog<T>(host: ArtifactHost, name: ArtifactName, what: string, check: (value: unknown) => T): Promise<T> {
  const text = await readText(host, name, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SandboxError('download-damaged', `The list of ${what} arrived damaged. Reload the page and try again.`, { cause: error });
  }
  return check(value);
}

async function readText(host: ArtifactHost, name: ArtifactName, what: string): Promise<string> {
  try {
    const bytes = await attempt(ATTEMPTS, () => host.readFile(name, () => undefined));
    return new TextDecoder().decode(new Uint8Array(bytes));
  } catch (error) {
    const message = `The list of ${what} could not be downloaded: ${messageOf(error)}. Check your connection, then try again.`;
    throw new SandboxError('download-failed', message, { cause: error });
  }
}
