/** Files that travel: by a link, by an archive; what opens them decides, and nothing is overwritten unasked. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packLesson } from '../../src/core/lesson/format/packed-lesson.ts';
import { packShare } from '../../src/core/share/share-link.ts';
import type { StaticServer } from '../../src/node/serve/static-server.ts';
import { imageLayout } from '../support/image-layout.ts';
import { launchChromium, serveSite } from './chromium.ts';
import { LearnerPage, untilText } from './learner-page.ts';

const fixture = fileURLToPath(new URL('../fixtures/lessons/two-steps', import.meta.url));
const lessonFiles = new Map(
  readdirSync(fixture, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => [relative(fixture, join(entry.parentPath, entry.name)), new Uint8Array(readFileSync(join(entry.parentPath, entry.name)))]),
);
const packedLesson = packLesson('two-steps', lessonFiles);
const text = (content: string): { kind: 'file'; content: Uint8Array; executable: boolean } => ({
  kind: 'file',
  content: new TextEncoder().encode(content),
  executable: false,
});

let browser: Browser;
let server: StaticServer;
/** The page with a machine. */
let sender: LearnerPage;
/** Pages of others wait for ever for their machine, as on a slow network: their files must not. */
let isMachineHeld = false;
const downloads = mkdtempSync(join(tmpdir(), 'drydock-share-'));

beforeAll(async () => {
  browser = await launchChromium();
  server = await serveSite((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    if (path === '/elsewhere/two-steps.lesson.json') response.writeHead(200, { 'content-type': 'application/json' }).end(packedLesson);
    return path.startsWith('/elsewhere/') || (isMachineHeld && path === '/machine/machine.json');
  });
  sender = await LearnerPage.open(browser, server.url);
  await sender.untilPrompt();
  isMachineHeld = true;
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const openOther = (url: string, options: BrowserContextOptions = {}): Promise<LearnerPage> => LearnerPage.open(browser, url, options);
const dialogOf = ({ page }: LearnerPage): Locator => page.getByRole('dialog');
const button = ({ page }: LearnerPage, name: string): Locator => page.getByRole('button', { name, exact: true });
const choice = ({ page }: LearnerPage, name: RegExp): Locator => page.getByRole('radio', { name });
const shows = (locator: Locator, pattern: RegExp): Promise<string> =>
  untilText(async () => (await locator.allInnerTexts()).join('\n'), pattern, 60_000);
const hasFiles = (learner: LearnerPage, ...names: string[]): Promise<string> =>
  shows(learner.page.getByRole('treeitem'), new RegExp(`^${names.map(name => name.replaceAll('.', '\\.')).join('\n')}$`));
async function fileAction(learner: LearnerPage, name: string): Promise<void> {
  await button(learner, 'File actions').click();
  await learner.page.getByRole('menuitem', { name }).click();
}
async function violations({ page }: LearnerPage): Promise<unknown[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html.slice(0, 200)) }));
}
async function linkOf(learner: LearnerPage): Promise<string> {
  await fileAction(learner, 'Share by link…');
  const link = await learner.page.getByLabel('Link', { exact: true }).inputValue();
  await button(learner, 'Close').click();
  return link;
}
/** A link as a stranger could write it. */
function strangeLink(json: string): string {
  const packed = deflateSync(json).toString('base64url');
  return `${server.url}#share=1.${packed}.${packed.length}`;
}

describe('sharing', () => {
  test('the dialog says what goes into the link, and copies it', async () => {
    await sender.enter("printf '#!/bin/sh\\necho it runs\\n' > run.sh; echo $?", /^0/m);
    await sender.enter('chmod +x run.sh; mkdir -p empty; echo $?', /^0/m);
    await sender.enter('head -c 3000 /dev/urandom > noise.bin; echo $?', /^0/m);
    await hasFiles(sender, 'empty', 'Dockerfile', 'hello-world.py', 'noise.bin', 'run.sh');
    await fileAction(sender, 'Share by link…');
    const shown = await shows(dialogOf(sender), /characters: every browser opens it/);
    expect(shown).toMatch(/4 files, 3 KB[^]*empty\/[^]*noise\.bin\n?3 KB[^]*run\.sh/);
    expect(await violations(sender)).toEqual([]);
    await sender.page.getByRole('checkbox', { name: 'noise.bin' }).uncheck();
    await shows(dialogOf(sender), /3 files, [^]*short enough for every program/);
    await button(sender, 'Copy link').click();
    await shows(dialogOf(sender), /Copied\./);
    const copied = await sender.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(await sender.page.getByLabel('Link', { exact: true }).inputValue());
    expect(copied.startsWith(`${server.url}#share=1.`)).toBe(true);
    await sender.page.keyboard.press('Escape');
    await dialogOf(sender).waitFor({ state: 'detached' });
  });

  test('what is too much for a link is offered as a download, which another page opens', async () => {
    await sender.enter('head -c 60000 /dev/urandom > large.bin; echo $?', /^0/m);
    await sender.file('large.bin').waitFor();
    await fileAction(sender, 'Share by link…');
    await shows(dialogOf(sender), /too much for a link: it can have 32,000 characters and would have \d+,\d+/);
    expect(await button(sender, 'Copy link').isDisabled()).toBe(true);
    const [download] = await Promise.all([sender.page.waitForEvent('download'), button(sender, 'Download as zip').click()]);
    const saved = join(downloads, download.suggestedFilename());
    await download.saveAs(saved);
    await button(sender, 'Close').click();
    await sender.enter('rm large.bin; echo $?', /^0/m);

    const other = await openOther(server.url);
    await other.file('Dockerfile').waitFor();
    await other.dropPath(saved);
    await shows(dialogOf(other), /Unpack shared-files\.zip\?[^]*large\.bin[^]*Added to the files here/);
    await button(other, 'Add').click();
    await hasFiles(other, 'empty', 'Dockerfile', 'hello-world.py', 'large.bin', 'noise.bin', 'run.sh');
    await other.page.context().close();
  });
});

describe('opening somebody’s link', () => {
  test('shows what is in it first; a workspace of its own leaves the learner’s files alone and survives a reload', async () => {
    const link = await linkOf(sender);
    const other = await openOther(server.url, { colorScheme: 'dark' });
    await other.file('hello-world.py').click();
    await other.untilEditing('hello-world.py');
    await other.typeInEditor('# mine');
    await other.page.goto(link);
    const shown = await shows(dialogOf(other), /What to do with it/);
    expect(shown).toMatch(/4 files, 3 KB[^]*Dockerfile[^]*empty\/[^]*noise\.bin[^]*run\.sh[^]*In a workspace of its own/);
    expect(await violations(other)).toEqual([]);
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    await button(other, 'Open').click();
    await hasFiles(other, 'empty', 'Dockerfile', 'hello-world.py', 'noise.bin', 'run.sh');
    await shows(other.page.getByRole('region', { name: 'Shared workspace' }), /opened from a link \(/);
    expect(new URL(other.page.url()).hash).toMatch(/^#opened=[0-9a-f]{16}$/);
    await other.file('run.sh').click();
    await other.untilEditing('run.sh');
    await other.typeInEditor('# theirs, changed');
    // What is typed is stored a tenth of a second later.
    await other.page.waitForTimeout(1000);
    await other.page.reload();
    await hasFiles(other, 'empty', 'Dockerfile', 'hello-world.py', 'noise.bin', 'run.sh');
    await other.file('run.sh').click();
    await untilText(() => other.editorText(), /# theirs, changed/);
    await button(other, 'Back to my files').click();
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    expect(new URL(other.page.url()).hash).toBe('');
    await other.file('hello-world.py').click();
    await untilText(() => other.editorText(), /# mine/);

    // The same link again: as it was left, or anew beside it.
    await other.page.goto(link);
    await shows(dialogOf(other), /In its workspace, as you left it/);
    await choice(other, /In a new workspace/).check();
    await button(other, 'Open').click();
    await other.file('run.sh').click();
    await untilText(() => other.editorText(), /echo it runs/);
    expect(await other.editorText()).not.toMatch(/changed/);
    await fileAction(other, 'Workspaces from links…');
    await shows(dialogOf(other), /Workspaces from links and archives[^]*open now/);
    expect(await violations(other)).toEqual([]);
    await dialogOf(other)
      .getByRole('button', { name: /^Open a link/ })
      .last()
      .click();
    await other.file('run.sh').click();
    await untilText(() => other.editorText(), /# theirs, changed/);
    await other.page.context().close();
  });

  test('cancelled, nothing has changed, and a reload does not ask again', async () => {
    const other = await openOther(await linkOf(sender));
    await shows(dialogOf(other), /What to do with it/);
    await button(other, 'Cancel').click();
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    expect(new URL(other.page.url()).hash).toBe('');
    await other.page.reload();
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    expect(await dialogOf(other).count()).toBe(0);
    await other.page.context().close();
  });

  test('in place of the learner’s files, with the way back', async () => {
    const fragment = await packShare({ files: new Map([['only.txt', text('theirs')]]), lesson: undefined });
    const other = await openOther(server.url);
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    await other.page.evaluate(hash => (location.hash = hash), fragment ?? '');
    await choice(other, /In place of the files here/).check();
    const [download] = await Promise.all([other.page.waitForEvent('download'), button(other, 'Download my files first').click()]);
    expect(download.suggestedFilename()).toBe('workspace.zip');
    await button(other, 'Replace my files').click();
    await hasFiles(other, 'only.txt');
    await button(other, 'Undo').click();
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    await fileAction(other, 'Redo: replacing your files by a link (only.txt)');
    await hasFiles(other, 'only.txt');
    await other.page.reload();
    await hasFiles(other, 'only.txt');
    await other.page.context().close();
  });

  test('with a lesson of another site: its files, and its commands only after they were allowed', async () => {
    const lesson = `${server.url}elsewhere/two-steps.lesson.json`;
    const files = new Map([['greeting.txt', text('as far as I came\n')]]);
    const other = await openOther(`${server.url}#${await packShare({ files, lesson })}`);
    await shows(dialogOf(other), /opens with the lesson at http[^]*only after you have read and allowed them/);
    await button(other, 'Open').click();
    await shows(dialogOf(other), /Let this lesson run commands\?/);
    await button(other, 'Not now').click();
    await shows(other.page.getByRole('region', { name: 'Lesson', exact: true }), /You write a text and put it into an image/);
    await hasFiles(other, 'greeting.txt');
    await other.page.reload();
    await shows(dialogOf(other), /Let this lesson run commands\?/);
    await button(other, 'Not now').click();
    await hasFiles(other, 'greeting.txt');
    await button(other, 'Back to my files').click();
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    expect(other.page.url()).toBe(server.url);
    await other.page.context().close();
  });

  test('hostile, cut and strange links say what is wrong, and change nothing', async () => {
    const other = await openOther(server.url);
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    const link = await linkOf(sender);
    const file = (path: string): string => strangeLink(JSON.stringify({ files: [[path, 't', 'x']] }));
    const cases: readonly (readonly [string, RegExp])[] = [
      [file('../../etc/passwd'), /leads out of the workspace/],
      [file('/etc/passwd'), /leads out of the workspace/],
      [file('a\0b'), /cannot be used/],
      [strangeLink(JSON.stringify({ files: Array.from({ length: 5000 }, (_, index) => [`f${index}`, 't', '']) })), /more than 1,000 files/],
      [strangeLink(' '.repeat(15_000_000)), /unpacks to more than a link may carry/],
      [link.slice(0, link.length / 2), /incomplete: its end is missing/],
      [link.replace('#share=1.', '#share=9.'), /another version of Drydock/],
      [`${server.url}#share=nonsense`, /damaged/],
    ];
    for (const [url, pattern] of cases) {
      await other.page.evaluate(hash => (location.hash = hash), new URL(url).hash);
      await shows(dialogOf(other), pattern);
      await dialogOf(other).locator('.buttons').getByRole('button', { name: 'Close' }).click();
      await dialogOf(other).waitFor({ state: 'detached' });
    }
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    await other.page.context().close();
  });
});

describe('archives', () => {
  // A plain tar is what is in the first: test/core/share/tar.test.ts.
  test.each(['tar.gz', 'zip'])('a workspace goes out as %s and comes back as it was, in the guest too', async kind => {
    await fileAction(sender, 'Download all files…');
    await sender.page.getByRole('radio', { name: new RegExp(`^${kind} `) }).check();
    const [download] = await Promise.all([sender.page.waitForEvent('download'), button(sender, 'Download').click()]);
    const saved = join(downloads, download.suggestedFilename());
    await download.saveAs(saved);
    const out = join(downloads, `out-${kind}`);
    mkdirSync(out);
    execFileSync(...((kind === 'zip' ? ['unzip', ['-q', saved, '-d', out]] : ['tar', ['xf', saved, '-C', out]]) as [string, string[]]));
    expect(execFileSync(join(out, 'run.sh'), { encoding: 'utf8' })).toBe('it runs\n');
    const before = /([0-9a-f]{32})/.exec(await sender.enter('md5sum noise.bin', /[0-9a-f]{32}/))?.[1];

    await sender.enter('rm -rf noise.bin run.sh empty; echo $?', /^0/m);
    await hasFiles(sender, 'Dockerfile', 'hello-world.py');
    await sender.dropPath(saved);
    await shows(dialogOf(sender), new RegExp(`Unpack workspace\\.${kind.replace('.', '\\.')}\\?[^]*same as yours[^]*2 new, 2 the same as yours`));
    await button(sender, 'Add').click();
    await hasFiles(sender, 'empty', 'Dockerfile', 'hello-world.py', 'noise.bin', 'run.sh');
    await sender.enter(`until ls -d empty noise.bin run.sh; do sleep 1; done; ./run.sh; md5sum noise.bin`, new RegExp(`it runs\n${before}`));
  });

  test('one that leads out is refused whole; it can still be added as a file', async () => {
    execFileSync('sh', [
      '-c',
      'cd "$0" && mkdir -p in/deep && echo x > in/ok && cd in/deep && tar cPf ../../evil.tar ../ok ../../../etc-like 2>/dev/null || true',
      downloads,
    ]);
    const other = await openOther(server.url);
    await other.file('Dockerfile').waitFor();
    await other.dropPath(join(downloads, 'evil.tar'));
    await shows(dialogOf(other), /evil\.tar cannot be used[^]*leads out of the workspace/);
    await hasFiles(other, 'Dockerfile', 'hello-world.py');
    await button(other, 'Add it as a file, not unpacked').click();
    await hasFiles(other, 'Dockerfile', 'evil.tar', 'hello-world.py');
    await other.page.context().close();
  });

  test('chosen from the menu, with the keyboard', async () => {
    const other = await openOther(server.url, { viewport: { width: 390, height: 800 } });
    await other.page.getByRole('tab', { name: 'Files' }).click();
    await button(other, 'File actions').focus();
    await other.page.keyboard.press('Enter');
    const chooser = other.page.waitForEvent('filechooser');
    for (let index = 0; index < 5; index++) await other.page.keyboard.press('ArrowDown');
    await other.page.keyboard.press('Enter');
    await (await chooser).setFiles(join(downloads, 'workspace.zip'));
    await shows(dialogOf(other), /Unpack workspace\.zip/);
    expect(await violations(other)).toEqual([]);
    expect(await other.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await button(other, 'Add').press('Enter');
    await shows(other.page.getByRole('log', { name: 'Messages' }), /Added 4 files of workspace\.zip/);
    await other.page.context().close();
  });
});

describe('in another page', () => {
  test('where there are no files there is nothing to share; where there are, the link leads to the whole page', async () => {
    const terminalOnly = await openOther(`${server.url}?embed&layout=terminal`);
    await terminalOnly.page.getByRole('tab', { name: 'Terminal 1' }).waitFor();
    expect(await button(terminalOnly, 'File actions').count()).toBe(0);
    await terminalOnly.page.context().close();
    const embedded = await openOther(`${server.url}?embed&layout=editor-terminal`);
    await embedded.file('Dockerfile').waitFor();
    expect(await linkOf(embedded)).toContain(`${server.url}#share=1.`);
    await embedded.page.context().close();
  });
});

describe('an archive of images', () => {
  const write = async (name: string, architecture: string): Promise<string> => {
    const path = join(downloads, name);
    writeFileSync(path, gzipSync(await imageLayout({ 'hello.txt': 'hello' }, architecture)));
    return path;
  };

  test('that is dropped is loaded into the engine', async () => {
    await sender.dropPath(await write('course.tar.gz', '386'));
    await shows(dialogOf(sender), /Load the images of course\.tar\.gz\?[^]*course:latest/);
    await button(sender, 'Load').click();
    await shows(sender.page.getByRole('log', { name: 'Messages' }), /course:latest is loaded\./);
    await sender.enter('docker images', /course +latest/);
  });

  test('for other computers is refused with what to do', async () => {
    await sender.dropPath(await write('other.tar.gz', 'amd64'));
    await shows(dialogOf(sender).getByRole('alert'), /for linux\/amd64\. This machine is a 32-bit PC.*--platform linux\/386/);
    expect(await violations(sender)).toEqual([]);
    await button(sender, 'Close').first().click();
  });
});
