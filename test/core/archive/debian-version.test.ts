import { expect, test } from 'vitest';
import { compareVersions } from '../../../src/core/archive/debian-version.ts';

test.each([
  ['1.0', '1.0', 0],
  ['1.0', '1.0-0', 0],
  ['09', '9', 0],
  ['1.9', '1.10', -1],
  ['1.0~rc1', '1.0', -1],
  ['1.0~~', '1.0~', -1],
  ['1.0-1', '1.0-1+deb13u1', -1],
  ['1.0-1+deb13u2', '1.0-1+b1', 1],
  ['1:0.1', '2', 1],
  ['1.0a', '1.0+', -1],
  ['2.12.7+dfsg+really2.9.14-2.1', '2.12.7+dfsg+really2.9.14-2.1+deb13u3', -1],
  ['1-1-1', '1-1-2', -1],
  ['8.14.1-2+deb13u10', '8.14.1-2+deb13u7', 1],
] as const)('%s and %s', (one, two, order) => {
  expect(Math.sign(compareVersions(one, two))).toBe(order);
  expect(Math.sign(compareVersions(two, one)) + order).toBe(0);
});
