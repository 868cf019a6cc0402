import { describe, expect, test } from 'vitest';
import { latinLetterOf, pastedLines } from '../../../src/app/terminal/terminal-keys.ts';

describe('the letter of a key', () => {
  test.each([
    ['v', 'KeyV', 'v'],
    ['V', 'KeyV', 'v'],
    // Dvorak types v where others have the full stop.
    ['v', 'Period', 'v'],
    ['k', 'KeyV', 'k'],
    ['м', 'KeyV', 'v'],
    ['ω', 'KeyV', 'v'],
    ['ر', 'KeyV', 'v'],
    // A German key between Latin letters is none.
    ['ö', 'Semicolon', undefined],
    ['ğ', 'KeyV', undefined],
    ['Enter', 'Enter', undefined],
  ])('%s at %s is %s', (key, code, letter) => {
    expect(latinLetterOf({ key, code })).toBe(letter);
  });
});

test('the lines of what is pasted, whatever ends them', () => {
  expect(pastedLines('one\r\ntwo\rthree\n')).toEqual(['one', 'two', 'three']);
  expect(pastedLines('one\n')).toEqual(['one']);
  expect(pastedLines('')).toEqual(['']);
  expect(pastedLines('one\n\n')).toEqual(['one', '']);
});
