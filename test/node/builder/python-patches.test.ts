import { describe, expect, test } from 'vitest';
import { unfreezeSite } from '../../../src/node/builder/images/frozen-site.ts';
import { changeText, movedSettings } from '../../../src/node/builder/images/python-patches.ts';

describe('a change of Debian’s Python', () => {
  const change = { file: 'site.py', from: /dist-packages/, to: 'site-packages' };

  test('is made where there is one place for it', () => expect(changeText('x = "dist-packages"', change)).toBe('x = "site-packages"'));

  test('is an error where there is none, or more than one', () => {
    expect(() => changeText('x', change)).toThrow('Debian’s site.py has 0 places'.replace('’', "'"));
    expect(() => changeText('dist-packages dist-packages', change)).toThrow('2 places');
  });
});

test('the settings that Python was built with name /usr/local', () => {
  const text = " 'prefix': '/usr',\n 'LIBDEST': '/usr/lib/python3.9',\n 'LIBDIR': '/usr/lib/i386-linux-gnu',\n 'BINDIR': '/usr/bin',\n";
  expect(movedSettings(text)).toBe(
    " 'prefix': '/usr/local',\n 'LIBDEST': '/usr/local/lib/python3.9',\n 'LIBDIR': '/usr/lib/i386-linux-gnu',\n 'BINDIR': '/usr/local/bin',\n",
  );
});

/** A program of one segment at 0x8000, with a name at 100, the code of a module at 200 and the table of frozen modules at 4000. */
function program(names: readonly string[], hasCode: boolean): Buffer {
  const bytes = Buffer.alloc(5000);
  bytes.writeUInt32LE(52, 28);
  bytes.writeUInt16LE(32, 42);
  bytes.writeUInt16LE(1, 44);
  [1, 0, 0x8000, 0x8000, 5000].forEach((value, index) => bytes.writeUInt32LE(value, 52 + index * 4));
  bytes.write('no_site\0os\0', 100, 'latin1');
  const addresses: Record<string, number> = { site: 0x8000 + 103, os: 0x8000 + 108 };
  names.forEach((name, index) => {
    const entry = [addresses[name]!, hasCode ? 0x8000 + 200 : 0, hasCode ? 2000 : 0, 0, hasCode ? 0 : 0x8000 + 300];
    entry.forEach((value, field) => bytes.writeUInt32LE(value, 4000 + index * 20 + field * 4));
  });
  return bytes;
}

describe('the frozen module "site"', () => {
  test.each([
    ['with its code', true],
    ['with a function that gives it', false],
  ])('%s gets a name that nobody imports, and others keep theirs', (_, hasCode) => {
    const bytes = program(['os', 'site'], hasCode);
    unfreezeSite(bytes);
    expect(bytes.readUInt32LE(4000)).toBe(0x8000 + 108);
    expect(bytes.readUInt32LE(4020)).toBe(0x8000 + 104);
  });

  test('must be there exactly once', () => {
    expect(() => unfreezeSite(program(['os'], true))).toThrow('has 0 frozen modules');
    expect(() => unfreezeSite(program(['site', 'site'], true))).toThrow('has 2 frozen modules');
  });
});
