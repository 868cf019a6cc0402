import https from 'node:https';
import { DockerfileLanguageServiceFactory } from 'dockerfile-language-service';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { installBufferStandIn } from '../../../src/app/editor/dockerfile/buffer-stand-in.ts';
import type { TextPosition } from '../../../src/app/editor/dockerfile/finding.ts';
import { createLanguageSupport } from '../../../src/app/editor/dockerfile/language-support.ts';
import { nearestKeyword } from '../../../src/app/editor/dockerfile/syntax-findings.ts';
import { fixed, hubReferences, imageReferences, lines } from './apply-fix.ts';

const support = createLanguageSupport();
const options = { imageReferences, hubReferences };
/** Those that are there first, then those that are not. */
const offered = [...imageReferences, 'traefik/whoami:1', 'redis:8'];
const base = 'FROM python:3.13-slim';

/** Takes the cursor from a bar in the text. */
function atBar(marked: string): { text: string; position: TextPosition } {
  const before = marked.slice(0, marked.indexOf('|')).split('\n');
  return { text: marked.replace('|', ''), position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}

async function labels(marked: string): Promise<string[]> {
  const { text, position } = atBar(marked);
  return (await support.complete(text, position, options)).map(({ label }) => label);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('completion', () => {
  test("offers the engine's images after FROM, those that can be pulled, and scratch", async () => {
    expect(await labels('FROM |')).toEqual([...offered, 'scratch']);
    expect(await labels('FROM pyth|')).toContain('python:3.13');
    expect(await labels('FROM python:3|')).toContain('python:3.13');
  });

  test('replaces the whole name that is being typed', async () => {
    const { text, position } = atBar('FROM python:3.|');
    const [first] = await support.complete(text, position, options);
    expect(first?.range).toEqual({ start: { line: 0, character: 5 }, end: { line: 0, character: 14 } });
  });

  test('offers earlier stages first, and none that comes later', async () => {
    expect((await labels(lines(`${base} AS build`, 'FROM |', `${base} AS late`))).slice(0, 2)).toEqual(['build', 'python:3.13-slim']);
    expect((await labels(lines(base, `${base} AS b`, base, 'COPY --from=|'))).slice(0, 3)).toEqual(['0', 'b', 'python:3.13-slim']);
    expect(await labels(lines(base, 'COPY --from=| /a /b'))).toEqual(offered);
  });

  test("offers AS behind the image, and nothing for the stage's own name", async () => {
    expect(await labels(`${base} |`)).toEqual(['AS']);
    expect(await labels(`${base} AS |`)).toEqual([]);
  });

  test('offers only an ARG from before FROM in a FROM', async () => {
    expect(await labels(lines('ARG TAG=3.13', 'FROM python:$|', 'ARG LATER=1'))).toEqual(['${TAG}']);
  });

  test('leaves instructions to the language service', async () => {
    const { text, position } = atBar(lines(base, 'WOR|'));
    const [workdir] = await support.complete(text, position, options);
    expect(workdir).toMatchObject({ kind: 'keyword', isSnippet: true, newText: 'WORKDIR ${1:/the/workdir/path}' });
    expect(workdir?.documentation).toContain('working directory');
  });

  test('never goes to the network, wherever the cursor is', async () => {
    const get = vi.spyOn(https, 'get').mockImplementation(() => {
      throw new Error('network');
    });
    const text = lines(
      'ARG T=3',
      'FROM python:${T} AS a',
      'ONBUILD RUN x',
      'FROM --platform=linux/386 docker.io/library/python:3.13',
      'COPY --from=nginx:1 /a /b',
      'FROM python:3.13 \\',
      '  AS x',
      'FROM busybox:',
      'from a:b ',
      '',
    );
    for (const [line, content] of text.split('\n').entries()) {
      for (let character = 0; character <= content.length; character += 1) await support.complete(text, { line, character }, options);
    }
    expect(get).not.toHaveBeenCalled();
    // The danger is real: the library on its own does ask.
    await DockerfileLanguageServiceFactory.createLanguageService().computeCompletionItems('FROM python:3', { line: 0, character: 13 });
    expect(get).toHaveBeenCalledOnce();
  });
});

describe('check', () => {
  const ids = (text: string): string[] =>
    support
      .check(text, options)
      .filter(({ id }) => id !== 'runs-as-root')
      .map(({ id }) => id);

  test('finds a misspelt instruction and knows what was meant', () => {
    const text = lines(base, 'WROKDIR /app');
    const [finding] = support.check(text, options);
    expect(finding).toMatchObject({
      source: 'docker',
      id: 'unknown-instruction',
      severity: 'error',
      message: 'Unknown instruction: WROKDIR. Did you mean WORKDIR?',
    });
    expect(fixed(text, finding)).toBe(lines(base, 'WORKDIR /app'));
  });

  test("turns the library's own corrections into fixes", () => {
    const text = lines(base, 'copy a b');
    const finding = support.check(text, options).find(({ source }) => source === 'docker');
    expect(finding).toMatchObject({ id: 'syntax-0', severity: 'warning' });
    expect(fixed(text, finding)).toBe(lines(base, 'COPY a b'));
  });

  test('says everything once', () => {
    expect(ids(lines(base, 'EXPOSE 8080:80'))).toEqual(['expose-port-mapping']);
    expect(ids(lines(base, 'WORKDIR app'))).toEqual(['relative-workdir']);
    expect(ids(lines(base, 'WORKDIR /app', 'WORKDIR src'))).toEqual([]);
    expect(ids(lines(base, 'CMD ["a"]', 'CMD ["b"]'))).toEqual(['multiple-cmd']);
    expect(ids(lines(base, "CMD ['a']"))).toEqual(['broken-exec-form']);
    expect(ids(lines(base, 'EXPOSE 80 # web'))).toEqual(['trailing-comment']);
  });

  test('keeps what only the library knows', () => {
    expect(ids(lines(base, 'EXPOSE eighty'))).toEqual(['syntax-24']);
    expect(ids(lines(base, 'COPY a'))).toEqual(['syntax-7']);
    expect(ids('WORKDIR /app')).toContain('syntax-20');
    expect(ids(lines(base, 'HEALTHCHECK NONE', 'HEALTHCHECK NONE'))).toContain('syntax-37');
    expect(ids(lines(base, 'MAINTAINER me'))).toEqual(['syntax-45']);
  });

  test('survives every beginning of a file', () => {
    const text = lines(
      '# escape=`',
      'ARG T',
      'FROM a:${T:-"x} AS b',
      'RUN --mount=type=cache,target=/x <<-"E" cat <<F && apt-get install `',
      '  # c',
      '\tx',
      '\tE',
      'CMD ["a',
      "ENV A='b C=\\",
      'HEALTHCHECK --interval=1 CMD [',
      'ONBUILD ',
      'COPY --from= <<',
      '\u{1F40B} \ufeff',
    );
    for (let length = 0; length <= text.length; length += 1) {
      expect(() => support.check(text.slice(0, length), options), text.slice(0, length)).not.toThrow();
    }
  });
});

test('a typo is matched only where it is near', () => {
  expect(['FORM', 'CPOY', 'ENTRYPIONT', 'RUNN'].map(nearestKeyword)).toEqual(['FROM', 'COPY', 'ENTRYPOINT', 'RUN']);
  expect(['PYTHON', 'X', 'hello'].map(nearestKeyword)).toEqual([undefined, undefined, undefined]);
});

test('hover, signature, definition, rename and formatting come from the language service', () => {
  const text = lines(`${base} AS build`, 'RUN a && \\', 'b', base, 'COPY --from=build /a /b');
  expect(support.hover(text, { line: 4, character: 1 })?.markdown).toMatch(/^Copy files/);
  expect(support.hover(text, { line: 4, character: 20 })).toBeUndefined();
  expect(support.signature(text, { line: 4, character: 18 })?.signatures[0]?.label).toContain('COPY');
  const name = { start: { line: 0, character: 25 }, end: { line: 0, character: 30 } };
  expect(support.definition(text, { line: 4, character: 14 })).toEqual(name);
  expect(support.definition(text, { line: 1, character: 5 })).toBeUndefined();
  expect(support.renameRange(text, { line: 0, character: 26 })).toEqual(name);
  expect(support.rename(text, { line: 0, character: 26 }, 'made').map(({ newText, range }) => [newText, range.start.line])).toEqual([
    ['made', 0],
    ['made', 4],
  ]);
  expect(support.format(text, { tabSize: 4, insertSpaces: true })).toEqual([
    { range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } }, newText: '    ' },
  ]);
});

test("works without Node's Buffer, as in a browser", () => {
  vi.stubGlobal('Buffer', undefined);
  expect(() => support.check(base, options)).toThrow("reading 'from'");
  installBufferStandIn();
  expect(support.check(`\ufeff${base}\nFORM x`, options).map(({ id }) => id)).toContain('unknown-instruction');
});
