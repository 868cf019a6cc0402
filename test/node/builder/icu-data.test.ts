import { expect, test } from 'vitest';
import { trimIcuData } from '../../../src/node/builder/images/icu-data.ts';

/** Common data as ICU's tool lays it out: a header, a table of offsets, the names, the items. */
function commonData(items: Readonly<Record<string, string>>): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt16LE(32, 0);
  header.write('CmnD', 12);
  const names = Object.keys(items);
  const table = Buffer.alloc(4 + 8 * names.length);
  table.writeUInt32LE(names.length, 0);
  let [nameAt, itemAt] = [table.length, table.length + names.join('\0').length + 1];
  for (const [index, name] of names.entries()) {
    table.writeUInt32LE(nameAt, 4 + 8 * index);
    table.writeUInt32LE(itemAt, 8 + 8 * index);
    nameAt += name.length + 1;
    itemAt += items[name]!.length;
  }
  return Buffer.concat([header, table, Buffer.from(`${names.join('\0')}\0`), Buffer.from(Object.values(items).join(''))]);
}

/** Reads it back, each item at the offset that the table says. */
function itemsOf(data: Uint8Array): Record<string, string> {
  const bytes = Buffer.from(data);
  const count = bytes.readUInt32LE(32);
  const at = (index: number, field: number) => 32 + bytes.readUInt32LE(36 + 8 * index + 4 * field);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const name = bytes.toString('latin1', at(index, 0), bytes.indexOf(0, at(index, 0)));
      const end = index + 1 < count ? at(index + 1, 1) : bytes.length;
      return [name, bytes.toString('latin1', at(index, 1), end).replace(/\0+$/, '')];
    }),
  );
}

test('what is worth its bytes stays, each item with its own bytes', () => {
  const kept = {
    'icudt76l/brkitr/root.res': 'words',
    'icudt76l/curr/de.res': 'euros',
    'icudt76l/curr/pt_BR.res': 'reals',
    'icudt76l/curr/res_index.res': 'index',
    'icudt76l/ibm-5348_P100-1997.cnv': 'small',
    'icudt76l/sw.res': 'dates of every language',
  };
  const gone = {
    'icudt76l/brkitr/cjdict.dict': 'dictionary',
    'icudt76l/curr/sw.res': 'shillings',
    'icudt76l/ibm-930_P120-1999.cnv': 'x'.repeat(7000),
    'icudt76l/translit/root.res': 'scripts',
    'icudt76l/unames.icu': 'names',
  };
  expect(itemsOf(trimIcuData(commonData({ ...kept, ...gone })))).toEqual(kept);
});

test('data of another kind is refused', () => {
  expect(() => trimIcuData(Buffer.alloc(64))).toThrow(/not of the format/);
});
