/** The page without its server, and over a change of releases: real Chromium, real guest, a server that is switched off or serves another release. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NEW_TITLE, SwitchingSite } from '../support/switching-site.ts';
import { launchProfile, siteFolderServed } from './chromium.ts';
import { CourseLearner } from './course-learner.ts';
import { LearnerPage, untilText } from './learner-page.ts';

let site: SwitchingSite;
/** Of the browser's profiles. `visited` is what a first visit leaves: the release is kept, and what its machine reads first. */
let profiles: string;
const visited = (): string => join(profiles, 'visited');
let context: BrowserContext | undefined;
/** Damages or refuses a request instead of the server, or says undefined. */
let spoil: (url: string) => 'damage' | 'refuse' | 'hang' | undefined = () => undefined;
let requested: string[] = [];

beforeAll(async () => {
  site = await SwitchingSite.create(siteFolderServed(), (request, response) => {
    const url = request.url ?? '';
    requested.push(url);
    const fault = spoil(url);
    if (fault === 'refuse') response.writeHead(503).end();
    if (fault === 'damage') response.end('not what it should be');
    return fault !== undefined;
  });
  profiles = await mkdtemp(join(tmpdir(), 'drydock-profiles-'));
  const learner = await open(visited());
  await untilKept(learner.page);
  await untilFirstReadsKept(learner.page);
  await context!.close();
});
afterEach(async () => {
  spoil = () => undefined;
  await context?.close();
  context = undefined;
  await rm(current(), { recursive: true, force: true });
  await site.stop();
  await site.release('a');
  await site.start();
  requested = [];
});
afterAll(async () => {
  await context?.close();
  await site?.remove();
  if (profiles !== undefined) await rm(profiles, { recursive: true, force: true });
});

/** The profile of the test that runs. */
const current = (): string => join(profiles, 'current');

/** Starts a browser and opens Drydock up to its prompt. */
async function open(profile: string, prepare?: (opened: BrowserContext) => Promise<unknown>): Promise<LearnerPage> {
  context = await launchProfile(profile);
  await prepare?.(context);
  const learner = new LearnerPage(context.pages()[0]!);
  await learner.page.goto(site.url);
  await learner.untilPrompt();
  return learner;
}

/** The releases that the browser keeps whole. */
function keptReleases(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const name = (await caches.keys()).find(one => one.includes(':releases-'));
    const requests = name === undefined ? [] : await (await caches.open(name)).keys();
    return requests.map(({ url }) => new URL(url).searchParams.get('release') ?? '');
  });
}

function releaseOfPage(page: Page): Promise<string> {
  return page.locator('meta[name="drydock-release"]').getAttribute('content').then(String);
}

/** Resolves when the release of the page is kept. */
async function untilKept(page: Page): Promise<void> {
  const release = await releaseOfPage(page);
  await untilText(async () => (await keptReleases(page)).join(' '), new RegExp(release), 120_000);
}

/** Resolves when what the machine reads in the first lessons is kept as well: it comes after the page's own files. */
async function untilFirstReadsKept(page: Page): Promise<void> {
  const missing = (): Promise<number> =>
    page.evaluate(async () => {
      const release = document.querySelector('meta[name="drydock-release"]')?.getAttribute('content');
      const { blobs, parts } = await (await fetch(`offline.json?release=${release}`)).json();
      const cache = await caches.open((await caches.keys()).find(one => one.includes(':blobs-')) ?? '');
      const kept = new Set((await cache.keys()).map(({ url }) => url.split('/').at(-1)));
      const wanted: number[] = parts.find(({ id }: { id: string }) => id === 'start').blobs;
      return wanted.filter(index => !kept.has(`${blobs[index][0]}.zst`)).length;
    });
  await untilText(async () => String(await missing()), /^0$/, 300_000);
}

/** A page at its prompt, of which the release is kept, and what its machine reads first. */
async function openKept(): Promise<LearnerPage> {
  await cp(visited(), current(), { recursive: true });
  return open(current());
}

async function openDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Machine', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Without a network…' }).click();
  return page.getByRole('dialog', { name: 'Without a network' });
}

async function startFresh(learner: LearnerPage): Promise<void> {
  await learner.askForFreshMachine();
  await learner.page.getByText('Docker running').waitFor({ timeout: 240_000 });
}

async function violations(page: Page): Promise<unknown[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
}

describe('without a server', () => {
  test('a second visit: page, lessons and machine are there, an image is built and run in a lesson', async () => {
    const learner = await openKept();
    await site.stop();
    await learner.page.reload();
    await learner.untilPrompt();
    await learner.page.getByRole('button', { name: 'Working offline' }).waitFor();
    // The machine that was saved here needs nothing of the site; one that starts does.
    await startFresh(learner);
    await learner.page.getByRole('button', { name: 'Lessons', exact: true }).click();
    await learner.page.getByRole('button', { name: 'Start: Your first image and container' }).click();
    const course = await CourseLearner.of(learner, '02-first-image');
    // Its last steps need nothing more of the site; keyboard-course.test.ts does them.
    await course.doSteps('run');
    // By its address too, as from a bookmark.
    await learner.page.goto(`${site.url}?lesson=05-a-website`);
    await learner.untilPrompt();
    await untilText(() => learner.page.locator('.step-title').innerText(), /./, 30_000);
  });
});

describe('a part of the disk that is missing', () => {
  /** Reads a file that no lesson needs first. */
  const READ = 'cat /usr/bin/openssl | wc -c; echo re""ad';

  test('is tried again by itself; meanwhile what needs no disk goes on, and no save fails', async () => {
    const learner = await openKept();
    const { page } = learner;
    await learner.untilSaved(0);
    await site.stop();
    await learner.focusTerminal();
    await page.keyboard.type(`${READ}\n`);
    const banner = page
      .getByRole('alert')
      .filter({ hasText: /A part of the machine .* the site cannot be reached\. The machine is waiting for it and tries again by itself/ });
    await banner.waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Working offline' }).waitFor({ timeout: 60_000 });
    await page.screenshot({ path: 'test-results/offline-disk-missing.png' });
    await page.getByRole('tab', { name: 'Terminal 2' }).click();
    await learner.enter('echo sti""ll; cd /tmp; pwd', /^still\n\/tmp$/m);
    await expect(learner.saveState.getByText('Machine not saved').waitFor({ timeout: 90_000 })).rejects.toThrow(/Timeout/);
    await banner.waitFor();
    await site.start();
    await banner.waitFor({ state: 'detached', timeout: 90_000 });
    await page.getByRole('tab', { name: 'Terminal 1' }).click();
    await untilText(() => learner.terminalText(), /^read$/m);
    await learner.untilSaved();
  });

  test('is tried at once when the network comes back', async () => {
    const learner = await openKept();
    await site.stop();
    await learner.focusTerminal();
    await learner.page.keyboard.type(`${READ}\n`);
    const banner = learner.page.getByRole('alert').filter({ hasText: 'A part of the machine' });
    await banner.waitFor({ timeout: 60_000 });
    // After 2, 4, 8 and 16 seconds the pause is the longest, half a minute.
    await learner.page.waitForTimeout(33_000);
    await site.start();
    await learner.page.context().setOffline(true);
    requested = [];
    await learner.page.context().setOffline(false);
    await banner.waitFor({ state: 'detached', timeout: 10_000 });
    await untilText(() => learner.terminalText(), /^read$/m);
  });
});

describe('the disk alone made available offline', () => {
  test('pulls and installs of what was not fetched end with the reason and what to do, in the terminal and on the page', async () => {
    const learner = await openKept();
    const { page } = learner;
    const dialog = await openDialog(page);
    const disk = dialog.getByRole('checkbox', { name: /whole disk/ });
    // The list is read first: before that there is nothing to choose.
    await disk.waitFor();
    for (const box of await dialog.getByRole('checkbox', { disabled: false }).all()) await box.uncheck();
    await disk.check();
    await dialog.getByRole('button', { name: 'Make available offline' }).click();
    await page.getByText(/What you chose is in this browser now/).waitFor({ timeout: 240_000 });
    await dialog.getByRole('button', { name: 'Close' }).click();
    await site.stop();
    await learner.focusTerminal();
    await page.keyboard.type('docker pull redis; echo en""ded\n');
    const reason = 'A layer of the image redis could not be delivered: A part of an image';
    const remedy = /the site cannot be reached\. Go online and pull redis again\. What was made available offline before needs no network\./;
    const banner = page.getByRole('alert').filter({ hasText: reason });
    await banner.filter({ hasText: remedy }).waitFor({ timeout: 240_000 });
    // The engine tries again after 5 and 10 seconds.
    const pulled = await untilText(() => learner.terminalText(), /^ended$/m, 480_000);
    expect(pulled.replaceAll('\n', '')).toContain(reason);
    expect(pulled.replaceAll('\n', '')).toMatch(remedy);
    await page.screenshot({ path: 'test-results/offline-pull.png' });
    // What the page says stays true: with the network back the image is pulled, and the notice goes.
    await site.start();
    await learner.enter('docker pull redis; echo en""ded', /Downloaded newer image[^]*^ended$/m);
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Working offline' }).waitFor({ state: 'detached', timeout: 40_000 });
    await site.stop();
    await learner.focusTerminal();
    await page.keyboard.type('clear; docker run --rm python:3.13-slim pip install flask; echo en""ded\n');
    const refusal = page.getByRole('alert').filter({ hasText: /flask-.*whl could not be delivered: .* Go online and install it again\./ });
    await refusal.waitFor({ timeout: 240_000 });
    const installed = await untilText(() => learner.terminalText(), /^ended$/m, 480_000);
    expect(installed.replaceAll('\n', '')).toMatch(/ERROR: .*flask-.*whl could not be delivered: .*Go online and install it again\./);
    await page.screenshot({ path: 'test-results/offline-pip.png' });
    await refusal.getByRole('button', { name: 'Dismiss' }).click();
    await refusal.waitFor({ state: 'detached' });
  }, 900_000);
});

describe('the dialog', () => {
  test('fetches what is chosen, pauses, goes on after a reload, and everything then works without a server', async () => {
    const learner = await openKept();
    const { page } = learner;
    const dialog = await openDialog(page);
    await dialog
      .getByRole('listitem')
      .filter({ hasText: 'The saved machine' })
      .getByText(/^offline, /)
      .waitFor();
    await dialog
      .getByRole('listitem')
      .filter({ hasText: 'docker pull nginx' })
      .getByText(/^not yet, /)
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Make available offline' }).click();
    await dialog.getByText(/[1-9]\d* MB of .* kept and checked/).waitFor();
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await dialog.getByRole('button', { name: 'Continue' }).waitFor();
    await page.reload();
    await learner.untilPrompt();
    const again = await openDialog(page);
    // What is kept is checked, not loaded again.
    await untilKept(page);
    const before = requested.filter(url => url.includes('/blobs/')).length;
    await again.getByRole('button', { name: 'Continue' }).click();
    // What few need is not chosen unless asked for, so not everything is there at the end.
    await again
      .getByRole('listitem')
      .filter({ hasText: 'docker pull nginx' })
      .getByText(/^offline, /)
      .waitFor({ timeout: 240_000 });
    await again.getByRole('button', { name: 'Pause' }).waitFor({ state: 'detached', timeout: 240_000 });
    const loaded = requested.filter(url => url.includes('/blobs/'));
    expect(new Set(loaded).size).toBe(loaded.length);
    expect(loaded.length).toBeGreaterThan(before);
    await again.getByRole('button', { name: 'Close' }).click();
    await site.stop();
    await learner.enter('docker pull nginx; echo en""ded', /Downloaded newer image[^]*^ended$/m);
  });

  test('parts that were damaged in the browser are found and fetched again', async () => {
    const learner = await openKept();
    const { page } = learner;
    const count = await page.evaluate(async () => {
      const cache = await caches.open((await caches.keys()).find(one => one.includes(':blobs-')) ?? '');
      const keys = (await cache.keys()).slice(0, 5);
      for (const key of keys) await cache.put(key, new Response('damaged'));
      return keys.length;
    });
    expect(count).toBe(5);
    requested = [];
    const dialog = await openDialog(page);
    // The list is read first: before that there is nothing to choose.
    await dialog.getByRole('checkbox', { name: /whole disk/ }).waitFor();
    for (const name of await dialog.getByRole('checkbox', { disabled: false }).all()) await name.uncheck();
    await dialog.getByRole('button', { name: /Check again|Make available offline/ }).click();
    await page.getByText(/What you chose is in this browser now/).waitFor({ timeout: 120_000 });
    expect(requested.filter(url => url.includes('/blobs/')).length).toBeGreaterThan(0);
    await site.stop();
    await page.reload();
    await learner.untilPrompt();
  });

  test('a part that arrives damaged again and again is not kept, and said', async () => {
    const learner = await openKept();
    spoil = url => (url.includes('/blobs/') ? 'damage' : undefined);
    const dialog = await openDialog(learner.page);
    await dialog.getByRole('button', { name: 'Make available offline' }).click();
    await dialog
      .getByRole('alert')
      .filter({ hasText: /arrived damaged 4 times, so it was not kept/ })
      .waitFor({ timeout: 60_000 });
    spoil = () => undefined;
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText(/kept and checked/).waitFor();
  });

  test('no room left: it says so, and what was kept stays', async () => {
    const learner = await openKept();
    const { page } = learner;
    const { usage } = await page.evaluate(async () => ({ usage: (await navigator.storage.estimate()).usage ?? 0 }));
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: usage + 8_000_000 });
    const dialog = await openDialog(page);
    await dialog.getByRole('button', { name: 'Make available offline' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'The browser gives Drydock no more room' }).waitFor({ timeout: 120_000 });
    await site.stop();
    await page.reload();
    await learner.untilPrompt();
  });

  test('removed: nothing is left, and a page without a server is none', async () => {
    const learner = await openKept();
    const { page } = learner;
    const dialog = await openDialog(page);
    await dialog.getByRole('button', { name: 'Remove offline files…' }).click();
    await page.getByRole('dialog', { name: 'Remove the offline files?' }).getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText(/The offline files were removed/).waitFor();
    expect(await keptReleases(page)).toEqual([]);
    await site.stop();
    await expect(page.reload()).rejects.toThrow(/ERR_/);
  });

  test('a browser that keeps nothing: a plain message, and Drydock works', async () => {
    const refuseCaches = (): void => {
      const refuse = () => Promise.reject(new DOMException('denied', 'SecurityError'));
      Object.defineProperty(CacheStorage.prototype, 'open', { value: refuse });
    };
    const learner = await open(current(), opened => opened.addInitScript(refuseCaches));
    await learner.enter('docker run --rm busybox echo wor""ks', /^works$/m);
    const dialog = await openDialog(learner.page);
    await dialog.getByText(/This browser keeps nothing for this page\. Private windows/).waitFor();
  });
});

describe('a new release', () => {
  const lessonTitle = async (page: Page): Promise<string> => {
    await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Lessons' });
    const title = await dialog.getByRole('heading', { name: /^Your first image/ }).innerText();
    await dialog.getByRole('button', { name: 'Close' }).click();
    return title;
  };

  test('an open tab goes on with its own files when the server has others', async () => {
    const learner = await openKept();
    const { page } = learner;
    await site.release('b');
    // A part of the page that was not loaded yet, and whose file the server no longer has; a lesson that is another one there.
    expect(await lessonTitle(page)).toBe('Your first image and container');
    // The machine anew: machine.json is another one on the server.
    await startFresh(learner);
    await learner.enter('docker run --rm busybox echo wor""ks', /^works$/m);
    const dialog = await openDialog(page);
    await dialog.getByText(/The site has a newer Drydock/).waitFor();
  });

  test('a reload brings the new one whole, and the old one goes', async () => {
    const learner = await openKept();
    const { page } = learner;
    const old = await releaseOfPage(page);
    await site.release('b');
    await page.reload();
    await learner.untilPrompt();
    expect(await releaseOfPage(page)).not.toBe(old);
    expect(await lessonTitle(page)).toBe(NEW_TITLE);
    await untilKept(page);
    await expect.poll(() => keptReleases(page), { timeout: 30_000 }).toEqual([await releaseOfPage(page)]);
    await site.stop();
    await page.reload();
    await learner.untilPrompt();
    expect(await lessonTitle(page)).toBe(NEW_TITLE);
  });

  test('a new release that was kept by half counts for nothing: without a server the old one opens', async () => {
    const learner = await openKept();
    const { page } = learner;
    const old = await releaseOfPage(page);
    await site.release('b');
    spoil = url => (url.includes('.lesson.json') ? 'refuse' : undefined);
    await page.reload();
    await learner.untilPrompt();
    const next = await releaseOfPage(page);
    // Of the lessons one is another one there: the service worker tries it three times, then gives up.
    await expect.poll(() => requested.filter(url => url.includes('.lesson.json')).length, { timeout: 150_000 }).toBe(3);
    expect(await keptReleases(page)).toEqual([old]);
    await site.stop();
    await page.reload();
    await learner.untilPrompt();
    expect(await releaseOfPage(page)).toBe(old);
    expect(await lessonTitle(page)).toBe('Your first image and container');
    // With a server again the new one is kept whole.
    spoil = () => undefined;
    await site.start();
    await page.reload();
    await learner.untilPrompt();
    expect(await releaseOfPage(page)).toBe(next);
    await untilKept(page);
  });

  test('an old release is not dropped while a tab of it is open', async () => {
    const learner = await openKept();
    const old = await releaseOfPage(learner.page);
    await site.release('b');
    const second = new LearnerPage(await learner.page.context().newPage());
    await second.page.goto(site.url);
    await second.page.getByRole('button', { name: 'Use here' }).click();
    await second.untilPrompt();
    await untilKept(second.page);
    const next = await releaseOfPage(second.page);
    expect(new Set(await keptReleases(second.page))).toEqual(new Set([old, next]));
    await learner.page.close();
    await second.page.reload();
    await second.untilPrompt();
    await expect.poll(() => keptReleases(second.page), { timeout: 60_000 }).toEqual([next]);
  });

  test('a server that answers only with errors, or never: the page that is kept opens', async () => {
    const learner = await openKept();
    spoil = () => 'refuse';
    await learner.page.reload();
    await learner.untilPrompt();
    spoil = () => 'hang';
    await learner.page.reload();
    await learner.untilPrompt();
  });
});
