import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { lookalikes } from '../../../src/core/share/carried-files.ts';
import { isShareFragment } from '../../../src/core/share/share-fragment.ts';
import { linkLimits, packShare, unpackShare } from '../../../src/core/share/share-link.ts';
import { everything, file, sorted } from './files.ts';

/** A link as a stranger could write it. */
function linkWith(json: string | Uint8Array, version = 1): string {
  const packed = deflateSync(json).toString('base64url');
  return `#share=${version}.${packed}.${packed.length}`;
}
const linkOf = (...files: unknown[]): string => linkWith(JSON.stringify({ files }));
const reject = (fragment: string): { toThrow(message: RegExp | string): Promise<void> } => expect(unpackShare(fragment)).rejects;
const whole = async (): Promise<string> => (await packShare({ files: everything, lesson: '02-first-image' })) ?? '';

describe('a link', () => {
  test('carries files, folders, what can be run, any bytes, any names, and the lesson', async () => {
    const fragment = await whole();
    expect(fragment).toMatch(/^share=1\.[\w-]+\.\d+$/);
    const { files, lesson } = await unpackShare(`#${fragment}`);
    expect(sorted(files)).toEqual(sorted(everything));
    expect(lesson).toBe('02-first-image');
  });

  test('without a lesson', async () => {
    const fragment = await packShare({ files: new Map([['a', file('x')]]), lesson: undefined });
    expect((await unpackShare(fragment ?? '')).lesson).toBeUndefined();
  });

  test('is short for what learners write', async () => {
    const files = new Map([
      [
        'Dockerfile',
        file(
          'FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["python", "app.py"]\n',
        ),
      ],
      [
        'app.py',
        file(
          'from flask import Flask\n\napp = Flask(__name__)\n\n@app.get("/")\ndef hello():\n    return "Hello from a container"\n\napp.run(host="0.0.0.0", port=5000)\n',
        ),
      ],
      ['requirements.txt', file('flask\n')],
    ]);
    expect((await packShare({ files, lesson: undefined }))?.length).toBeLessThan(600);
  });

  test('is not made of more than a link may carry', async () => {
    const many = new Map(Array.from({ length: linkLimits.entries + 1 }, (_, index) => [`f${index}`, file('')] as const));
    expect(await packShare({ files: many, lesson: undefined })).toBeUndefined();
    const large = new Map([['zeros', file(new Uint8Array(linkLimits.totalBytes + 1))]]);
    expect(await packShare({ files: large, lesson: undefined })).toBeUndefined();
  });

  test('is told from other parts of an address', () => {
    expect(isShareFragment('#share=1.x.1')).toBe(true);
    expect(isShareFragment('share=2')).toBe(true);
    expect(isShareFragment('#opened=abc')).toBe(false);
    expect(isShareFragment('')).toBe(false);
  });
});

describe('a link that is not whole', () => {
  test('cut at any place, it is said to be cut', async () => {
    const fragment = await whole();
    for (let length = 'share=1.'.length; length < fragment.length; length++) {
      await reject(fragment.slice(0, length)).toThrow(/incomplete/);
    }
  });

  test('what a program has glued to its end does not matter', async () => {
    for (const tail of [')', '.', '>', '%29', '&fbclid=x', ' and so on']) {
      expect((await unpackShare(`${await whole()}${tail}`)).files.size).toBe(everything.size);
    }
  });

  test('changed at any place, it never gives other files', async () => {
    const fragment = await whole();
    const start = 'share=1.'.length;
    const end = fragment.lastIndexOf('.');
    for (let at = start; at < end; at += 7) {
      const other = fragment[at] === 'A' ? 'B' : 'A';
      const changed = `${fragment.slice(0, at)}${other}${fragment.slice(at + 1)}`;
      const result = await unpackShare(changed).then(
        ({ files }) => sorted(files),
        (error: Error & { code?: string }) => error.code,
      );
      // A bit that only pads the last byte may change nothing.
      if (typeof result === 'string') expect(result).toBe('share-invalid');
      else expect(result).toEqual(sorted(everything));
    }
  });

  test.each([
    '#share=',
    '#share=1',
    '#share=x.AAAA.4',
    '#share=1.AAAA.4',
    linkWith('no json'),
    linkWith('{}'),
    linkWith('{"files":5}'),
    linkWith('null'),
    linkWith(Uint8Array.of(0xff, 0xfe)),
  ])('%s is damaged', fragment => reject(fragment).toThrow(/damaged/));

  test('of a newer version it says so', () => reject(linkWith('{}', 7)).toThrow(/another version.*format is 7.*Reload/));
  test('longer than any link it is not even read', () => reject(`#share=1.${'A'.repeat(40_000)}.40000`).toThrow(/too long/));
});

describe('a hostile link', () => {
  test.each(['../x', 'a/../../x', '/etc/passwd', '//x', 'C:\\x', 'c:/x', '..'])('the path %s leads out of the workspace', path =>
    reject(linkOf([path, 't', 'x'])).toThrow(/leads out of the workspace/),
  );
  test.each(['', '.', './x', 'a//b', 'a/', 'a/./b', 'nul\0byte', 'half\ud800', 'x'.repeat(300), 'é'.repeat(200)])(
    'the path %j cannot be used',
    path => reject(linkOf([path, 't', 'x'])).toThrow(/cannot be used/),
  );
  test('a path deeper than Linux takes', () => reject(linkOf(['a/'.repeat(600) + 'x', 't', ''])).toThrow(/longer than 1000/));
  test('the same path twice', () => reject(linkOf(['a', 't', 'one'], ['a', 't', 'two'])).toThrow(/"a" is in it twice/));
  test('a file that is a folder too', async () => {
    await reject(linkOf(['a', 't', ''], ['a/b', 't', ''])).toThrow(/both a file and a folder/);
    await reject(linkOf(['a/b', 't', ''], ['a', 't', ''])).toThrow(/both a file and a folder/);
    await reject(linkOf(['a', 't', ''], ['a', 'd'])).toThrow(/both a file and a folder/);
  });
  test('thousands of files', () =>
    reject(linkOf(...Array.from({ length: 3000 }, (_, index) => [`f${index}`, 't', '']))).toThrow(/more than 1,000 files/));
  test('thousands of folders', () =>
    reject(
      linkOf([Array.from({ length: 480 }, () => 'a').join('/'), 't', ''], [`b/${'c/'.repeat(480)}d`, 't', ''], [`e/${'f/'.repeat(480)}g`, 't', '']),
    ).toThrow(/more than 1,000 files/));
  test('a file too large', () => reject(linkOf(['a', 't', ' '.repeat(linkLimits.fileBytes + 1)])).toThrow(/larger than 2 MB/));
  test('files too large together', () =>
    reject(linkOf(...['a', 'b'].map(name => [name, 't', ' '.repeat(linkLimits.totalBytes * 0.75)]))).toThrow(/more than 2 MB/));
  test('a bomb ends at the limit', () => reject(linkWith(new Uint8Array(20 * 1024 * 1024))).toThrow(/unpacks to more than a link may carry/));
  test.each([[['a']], [['a', 't']], [['a', 'q', 'x']], [['a', 't', 5]], [[5, 't', 'x']], ['a'], [null]])('the entry %j makes no sense', entry =>
    reject(linkOf(entry)).toThrow(/damaged/),
  );
  test('content that is no base64', () => reject(linkOf(['pic', 'b', '***'])).toThrow(/"pic" is damaged/));
  test('names are shown with what cannot be seen', () => reject(linkOf(['a\u202e/../../gpj.exe', 't', ''])).toThrow('"a\\u202e/../../gpj.exe"'));
  test('`__proto__` is a name like others', async () => {
    const { files } = await unpackShare(linkOf(['__proto__', 't', 'x'], ['constructor', 't', 'y']));
    expect([...files.keys()]).toEqual(['__proto__', 'constructor']);
  });
});

test('names that look alike are told', () => {
  expect(lookalikes(['Makefile', 'makefile', 'a', 'a/e\u0301', 'a/\u00e9', 'b', 'b/makefile'])).toEqual([
    ['Makefile', 'makefile'],
    ['a/e\u0301', 'a/\u00e9'],
  ]);
});
