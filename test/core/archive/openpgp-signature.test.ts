import { expect, test } from 'vitest';
import { archiveKey, KEY_SECONDS } from '../../../src/core/archive/archive-key.ts';
import { clearSigned, signedText } from '../../../src/core/archive/openpgp-signature.ts';
import { ARCHIVE_TIME, archiveKey as builtKey } from '../../../src/node/builder/archive/archive-key.ts';
import { clearSigned as builtSigned } from '../../../src/node/builder/archive/openpgp.ts';

test("the page signs with the key that the images have, as the builder does: apt cannot tell one's release from the other's", () => {
  expect(Buffer.from(archiveKey().fingerprint).toString('hex')).toBe(builtKey().fingerprint.toString('hex'));
  expect(KEY_SECONDS).toBe(ARCHIVE_TIME);
  for (const text of ['Origin: Drydock\n', 'Origin: Drydock\nSuite: stable\nSHA256:\n 00 7 x\n']) {
    for (const time of [KEY_SECONDS, KEY_SECONDS + 12_345]) expect(clearSigned(archiveKey(), text, time)).toBe(builtSigned(builtKey(), text, time));
  }
});

test('a text comes out as it went in, and none where nothing is signed', () => {
  expect(signedText(clearSigned(archiveKey(), 'a\nb\n', KEY_SECONDS))).toBe('a\nb\n');
  expect(signedText('a\nb\n')).toBeUndefined();
});

test('a line that a signature would change is refused', () => {
  for (const text of ['no end', '- x\n', 'x \n']) expect(() => clearSigned(archiveKey(), text, KEY_SECONDS)).toThrow(/signed text/);
});
