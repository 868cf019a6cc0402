import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeWheel, normalizedName, packWheel, recordOf, tagOf, wheelMetadata, type WheelSource } from '../../../src/node/builder/packages/wheel.ts';
import { packZip } from '../../../src/node/zip.ts';
import { readZip } from './read-zip.ts';

const metadata = `Metadata-Version: 2.4
Name: Hello.World_x
Version: 1.2.3
Requires-Python: >=3.9
License-File: LICENSE.txt
Requires-Dist: click>=8

License-File: this line is of the description
`;

const source: WheelSource = {
  metadata,
  files: [
    { path: 'hello/__init__.py', bytes: Buffer.from('print("hello")\n') },
    { path: 'hello/a,b.txt', bytes: Buffer.alloc(0) },
    { path: 'hello/__pycache__/__init__.cpython-313.pyc', bytes: Buffer.from([1, 2, 3]) },
  ],
  information: [{ path: 'entry_points.txt', bytes: Buffer.from('[console_scripts]\nhello = hello:main\n') }],
  copyright: 'All of it is free.\n',
  source: 'python3-hello 1.2.3-1',
  release: { version: '3.13' },
};

function contents(bytes: Uint8Array): Map<string, string> {
  return new Map(readZip(Buffer.from(bytes)).map(file => [file.path, file.bytes.toString('utf8')]));
}

describe('a wheel', () => {
  const wheel = makeWheel(source);
  const bytes = packWheel(wheel);
  const files = contents(bytes);

  test('is named as pip looks for it', () => {
    expect(wheel).toMatchObject({ filename: 'hello_world_x-1.2.3-cp313-none-any.whl', project: 'hello-world-x', requiresPython: '>=3.9' });
    expect(files.get('hello_world_x-1.2.3.dist-info/WHEEL')).toMatch(/^Wheel-Version: 1\.0\n.*Root-Is-Purelib: true\nTag: cp313-none-any\n$/s);
  });

  test('has each file in its RECORD, with hash and size, and the RECORD itself without', () => {
    const record = files.get('hello_world_x-1.2.3.dist-info/RECORD')!;
    for (const { path, bytes: own } of readZip(Buffer.from(bytes)).filter(file => !file.path.endsWith('/RECORD'))) {
      const name = path.includes(',') ? `"${path}"` : path;
      expect(record).toContain(`${name},sha256=${createHash('sha256').update(own).digest('base64url')},${own.length}\n`);
    }
    expect(record).toMatch(/hello_world_x-1\.2\.3\.dist-info\/RECORD,,\n$/);
    expect(record.trimEnd().split('\n')).toHaveLength(files.size);
  });

  test('has Debian’s copyright where its metadata says', () => {
    expect(files.get('hello_world_x-1.2.3.dist-info/licenses/copyright')).toBe('All of it is free.\n');
    expect(files.get('hello_world_x-1.2.3.dist-info/METADATA')).toContain('License-File: copyright\n');
  });

  test('has the commands and the compiled modules', () => {
    expect(files.get('hello_world_x-1.2.3.dist-info/entry_points.txt')).toContain('hello = hello:main');
    expect([...files.keys()]).toContain('hello/__pycache__/__init__.cpython-313.pyc');
  });

  test('is the same each time, whatever the order of its files', () => {
    expect(packWheel(makeWheel({ ...source, files: [...source.files].reverse() }))).toEqual(bytes);
  });

  test('with a compiled extension is for this Python and this machine only', () => {
    const files = [...source.files, { path: 'hello/_fast.cpython-313-i386-linux-gnu.so', bytes: Buffer.from('\x7fELF') }];
    const compiled = makeWheel({ ...source, files });
    expect(compiled.filename).toBe('hello_world_x-1.2.3-cp313-cp313-linux_i686.whl');
    expect(contents(packWheel(compiled)).get('hello_world_x-1.2.3.dist-info/WHEEL')).toContain(
      'Root-Is-Purelib: false\nTag: cp313-cp313-linux_i686\n',
    );
  });

  test('needs a name and a version', () => {
    expect(() => makeWheel({ ...source, metadata: 'Metadata-Version: 2.1\nName: x\n' })).toThrow('no Version');
  });
});

describe('the metadata', () => {
  test('names the one licence file there is, and keeps the description as it is', () => {
    expect(wheelMetadata(metadata)).toBe(`Metadata-Version: 2.4
Name: Hello.World_x
Version: 1.2.3
Requires-Python: >=3.9
Requires-Dist: click>=8
License-File: copyright

License-File: this line is of the description
`);
  });

  test('has no field for licence files before version 2.4', () => {
    expect(wheelMetadata('Metadata-Version: 2.1\nName: x\nVersion: 1\nLicense-File: LICENSE\n')).toBe('Metadata-Version: 2.1\nName: x\nVersion: 1\n');
  });
});

test('each Python has tags that no other Python takes', () => {
  expect(tagOf({ version: '3.9' }, true)).toBe('cp39-none-any');
  expect(tagOf({ version: '3.11' }, false)).toBe('cp311-cp311-linux_i686');
});

test.each([
  ['Flask', 'flask'],
  ['charset_normalizer', 'charset-normalizer'],
  ['zope.interface', 'zope-interface'],
  ['a-_.b', 'a-b'],
])('the project %s is %s in the index', (name, normalized) => expect(normalizedName(name)).toBe(normalized));

test('a RECORD quotes quotes', () => {
  const hash = createHash('sha256').update('x').digest('base64url');
  expect(recordOf([{ path: 'a"b', bytes: Buffer.from('x') }], 'r/RECORD')).toBe(`"a""b",sha256=${hash},1\nr/RECORD,,\n`);
});

test('a zip archive gives back what was packed, as plain files that their owner may write', () => {
  const entries = [
    { path: 'ä/empty', bytes: Buffer.alloc(0) },
    { path: 'b', bytes: Buffer.from('abc'.repeat(10_000)) },
  ];
  expect(readZip(packZip(entries))).toEqual(entries.map(entry => ({ ...entry, mode: 0o100644 })));
});
