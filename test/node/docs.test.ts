/** The documentation: every page can be found from its index, and every link leads somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../src/node/builder/folders.ts';

const docs = join(projectFolder, 'docs');

/** Markdown files below a folder. */
function pagesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter(name => name.endsWith('.md')).map(name => join(folder, name));
}

/** What a page links to on this disk, without what comes after a `#`; not what stands in code. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8')
    .replace(/^```[^]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '');
  const targets = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter(target => !/^[a-z]+:|^#/.test(target)).map(target => join(dirname(page), target.replace(/#.*/, '')));
}

const topPages = readdirSync(projectFolder)
  .filter(name => name.endsWith('.md'))
  .map(name => join(projectFolder, name));
const pages = [...topPages, ...pagesIn(docs), join(projectFolder, 'src/README.md')];

describe('links', () => {
  test.each(pages.map(page => relative(projectFolder, page)))('of %s lead to a file', page => {
    expect(linksOf(join(projectFolder, page)).filter(target => !existsSync(target))).toEqual([]);
  });
});

test('the README leads to the index, and the index to every page', () => {
  const reached = new Set([join(projectFolder, 'README.md')]);
  // A set gives what is added while it is walked through.
  for (const page of reached) for (const target of linksOf(page)) if (target.endsWith('.md')) reached.add(target);
  expect(linksOf(join(projectFolder, 'README.md'))).toContain(join(docs, 'README.md'));
  const index = linksOf(join(docs, 'README.md'));
  const own = pagesIn(docs).filter(page => dirname(page) === docs && !page.endsWith('README.md'));
  expect(own.filter(page => !index.includes(page)).map(page => relative(docs, page))).toEqual([]);
  expect(pages.filter(page => !reached.has(page) && !page.endsWith('AGENTS.md')).map(page => relative(projectFolder, page))).toEqual([]);
});

test('what the documentation calls an npm script is one', () => {
  const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = pages.flatMap(page => [...readFileSync(page, 'utf8').matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name]) => name!));
  expect([...new Set(named)].filter(name => scripts[name] === undefined)).toEqual([]);
  const workflows = join(projectFolder, '.github/workflows');
  const called = readdirSync(workflows).flatMap(name =>
    [...readFileSync(join(workflows, name), 'utf8').matchAll(/npm run ([a-z:-]+)/g)].map(([, script]) => script!),
  );
  expect(called.length).toBeGreaterThan(0);
  expect(called.filter(name => scripts[name] === undefined)).toEqual([]);
});
