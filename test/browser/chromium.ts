import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { chromiumOptions } from '../../src/node/chromium.ts';
import { siteFolder } from '../../src/node/builder/build-site.ts';
import { serveFolder, type Interceptor, type StaticServer } from '../../src/node/serve/static-server.ts';

/** A headless Chromium. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch(chromiumOptions);
}

/** A headless Chromium that goes on with the profile in a folder. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...chromiumOptions, viewport: { width: 1280, height: 720 }, acceptDownloads: true });
}

/** The folder of the built site; DRYDOCK_SITE names another. */
export function siteFolderServed(): string {
  return process.env['DRYDOCK_SITE'] ?? siteFolder;
}

/** Serves the built site, as `npm run build` leaves it. */
export function serveSite(intercept?: Interceptor): Promise<StaticServer> {
  const folder = siteFolderServed();
  if (!existsSync(join(folder, 'machine/machine.json'))) throw new Error(`There is no site in ${folder}: "npm run build" makes it.`);
  return serveFolder(folder, 0, intercept);
}
