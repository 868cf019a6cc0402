import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));

/** Recipes of the guest. */
export const imagesFolder = join(projectFolder, 'images');

/** Everything built or downloaded, outside the checkout: safe to delete, costly to make again. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drydock');
