import { expect, test } from 'vitest';
import { exitMeaning } from '../../../src/app/containers/exit-code.ts';

const meaning = (exitCode: number, isOutOfMemory = false) => exitMeaning({ exitCode, isOutOfMemory });

test('says what an exit code means', () => {
  expect(meaning(0)).toContain('without an error');
  expect(meaning(127)).toContain('not found');
  expect(meaning(137)).toContain('signal 9');
  expect(meaning(137, true)).toContain('memory');
  expect(meaning(138)).toBe('ended by signal 10');
  expect(meaning(3)).toContain('the program’s own');
  expect(meaning(255)).toContain('the program’s own');
});
