import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/app/session/workspace/file-storage.ts';
import { lessonOfShare, SharedWorkspaces } from '../../../src/app/session/shared-workspaces.ts';
import { bytes, FakeBrowser, FakePage } from '../lesson/fake-page.ts';

const files: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['empty', { kind: 'folder' }],
  ['run.sh', { kind: 'file', content: bytes('echo theirs'), executable: true }],
]);

/** What the page is made of, without views: opened again on the same browser it is a reload. */
async function openPage(browser: FakeBrowser): Promise<{ page: FakePage; shared: SharedWorkspaces; storageRefused: { is: boolean } }> {
  const page = await new FakePage(browser).open();
  const storageRefused = { is: false };
  const shared = new SharedWorkspaces({
    scope: 'test',
    store: page.store,
    lessons: page.lessons,
    messages: { announce: text => void page.told.push(text), problem: text => void page.problems.push(text) },
    storageOf: id => browser.storage(`shared ${id}`),
    own: () => ({ storage: browser.storage('own'), starterFiles: new Map() }),
    listStorage: () => {
      if (storageRefused.is) throw new Error('refused');
      return browser.local;
    },
  });
  return { page, shared, storageRefused };
}

let browser: FakeBrowser;
let page: FakePage;
let shared: SharedWorkspaces;
beforeEach(async () => {
  browser = new FakeBrowser();
  ({ page, shared } = await openPage(browser));
});

describe('a workspace from a link', () => {
  test('holds the files as they came, and leaves the learner’s own alone', async () => {
    page.type('own.txt', 'typed to the last letter');
    await shared.open({ id: 'abc', name: 'a link' }, files);
    expect([...page.store.entries]).toEqual([...files]);
    expect(shared.current.value).toMatchObject({ id: 'abc', name: 'a link', fileCount: 1 });
    expect(page.ran).toEqual([]);
    page.type('run.sh', 'changed');
    await shared.leave();
    expect(page.text('own.txt')).toBe('typed to the last letter');
    expect(page.store.entries.size).toBe(1);
    expect(shared.current.value).toBeUndefined();
  });

  test('is there after a reload as it was left', async () => {
    await shared.open({ id: 'abc', name: 'a link' }, files);
    page.type('run.sh', 'changed');
    await page.store.flush();
    const later = await openPage(browser);
    expect(later.shared.find('abc')?.name).toBe('a link');
    expect(await later.shared.reopen('abc')).toBe(true);
    expect(later.page.text('run.sh')).toBe('changed');
    expect(later.shared.current.value?.id).toBe('abc');
  });

  test('that this browser does not have, or no longer has, is not opened', async () => {
    expect(await shared.reopen('never')).toBe(false);
    await shared.open({ id: 'abc', name: 'a link' }, files);
    await shared.leave();
    browser.storage('shared abc').entries = undefined;
    expect(await shared.reopen('abc')).toBe(false);
    expect(shared.find('abc')).toBeUndefined();
    expect(page.text('own.txt')).toBe('mine');
  });

  test('opened again from the link is another one', async () => {
    await shared.open({ id: 'abc', name: 'a link' }, files);
    page.type('run.sh', 'changed');
    expect(shared.freshId('abc')).toBe('abc-2');
    await shared.open({ id: 'abc-2', name: 'a link' }, files);
    expect(page.text('run.sh')).toBe('echo theirs');
    expect(shared.freshId('abc')).toBe('abc-3');
    await shared.reopen('abc');
    expect(page.text('run.sh')).toBe('changed');
    expect(shared.list.value.map(({ id }) => id)).toEqual(['abc-2', 'abc']);
  });

  test('can be deleted', async () => {
    await shared.open({ id: 'abc', name: 'a link' }, files);
    await shared.leave();
    await shared.forget('abc');
    expect(browser.storage('shared abc').entries?.size).toBe(0);
    expect(shared.list.value).toEqual([]);
  });

  test('where the browser keeps nothing it lasts as long as the page', async () => {
    const refused = await openPage(browser);
    refused.storageRefused.is = true;
    await refused.shared.open({ id: 'abc', name: 'a link' }, files);
    expect(refused.shared.current.value?.id).toBe('abc');
  });

  test('a list that someone else wrote is none', async () => {
    browser.items.set('drydock.shared:test', '[{"id":5},null,{"id":"a","name":"n","openedAt":1,"fileCount":1}]');
    expect((await openPage(browser)).shared.list.value.map(({ id }) => id)).toEqual(['a']);
    browser.items.set('drydock.shared:test', '{');
    expect((await openPage(browser)).shared.list.value).toEqual([]);
  });

  test('whose lesson cannot be read opens without it, and says so', async () => {
    await shared.open({ id: 'abc', name: 'a link', lesson: 'https://localhost:9/none.lesson.json' }, files);
    expect([...page.store.entries.keys()]).toEqual(['empty', 'run.sh']);
    expect(page.problems.join()).toMatch(/The lesson could not be opened.*Here are the files without it/);
    expect(page.lessons.state.value.kind).toBe('closed');
  });
});

test.each([
  [undefined, undefined],
  ['02-first-image', 'course'],
  ['https://x.example/a.lesson.json', 'address'],
  ['dropped:mine', undefined],
  ['javascript:alert(1)', undefined],
  ['file:///etc/passwd', undefined],
  ['a b', undefined],
])('a link’s lesson %s is of the kind %s', (lesson, kind) => {
  expect(lessonOfShare(lesson)?.kind).toBe(kind);
});
