/** What a learner downloads before he can type, in bytes: a budget, so that it does not grow unseen. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { launchChromium, serveSite, siteFolderServed } from './chromium.ts';
import { LearnerPage } from './learner-page.ts';

const MEGABYTE = 1_000_000;

let browser: Browser;
let server: StaticServer;
const sockets = new Set<Socket>();
const sentBytes = (): number => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);

beforeAll(async () => {
  browser = await launchChromium();
  server = await serveSite(request => {
    sockets.add(request.socket);
    return false;
  });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

test('page, machine and what the machine reads of its disk fit into 37 MB', async () => {
  const learner = await LearnerPage.open(browser, server.url);
  await learner.untilPrompt();
  // What is loaded at leisure after the prompt is no part of it; what is on its way at this moment is.
  const megabytes = sentBytes() / MEGABYTE;
  console.log(`  ${megabytes.toFixed(1)} MB to the first prompt`);
  expect(megabytes).toBeLessThan(37);
  await learner.page.context().close();
});

describe("the page's own files", () => {
  const assets = join(siteFolderServed(), 'assets');
  const bytesOf = (name: RegExp) => {
    const files = readdirSync(assets).filter(file => name.test(file));
    expect(files, String(name)).not.toHaveLength(0);
    return files.reduce((sum, file) => sum + statSync(join(assets, file)).size, 0);
  };

  test('what the page needs to show itself stays small', () => {
    const html = readFileSync(join(siteFolderServed(), 'index.html'), 'utf8');
    const first = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => statSync(join(siteFolderServed(), file!)).size);
    expect(first.length).toBeGreaterThan(1);
    expect(first.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(0.25 * MEGABYTE);
  });

  test('so do the worker with the emulator, the terminal, the editor and what reads lessons', () => {
    expect(bytesOf(/^main-.*\.js$/)).toBeLessThan(0.75 * MEGABYTE);
    expect(bytesOf(/^xterm-.*\.js$/)).toBeLessThan(0.45 * MEGABYTE);
    expect(bytesOf(/^monaco-.*\.js$/)).toBeLessThan(3.7 * MEGABYTE);
    // A third of it is the engine of regular expressions that no lesson can stop the page with.
    expect(bytesOf(/^lesson-(?:code|pane)-.*\.js$/)).toBeLessThan(0.55 * MEGABYTE);
    expect(bytesOf(/./)).toBeLessThan(6.7 * MEGABYTE);
  });
});
