import { expect, test } from 'vitest';
import { statusOf } from '../../../src/node/builder/images/installed-status.ts';

const below = 'Package: libc6\nStatus: install ok installed\nProvides: libc6-2.41 (= 1)\n\n';
const redis =
  'Package: redis-server\nVersion: 8\nPre-Depends: init-system-helpers (>= 1.54~)\nDepends: libc6 (>= 2.34), adduser,\n redis-tools:any (= 8), a | libc6-2.41';
const tools = 'Package: redis-tools\nVersion: 8\nDepends: adduser';

test('what is not in the image is no dependency any more, and that is said', () => {
  expect(statusOf([redis, tools], below)).toBe(
    `${below}Package: redis-server\nStatus: install ok installed\nVersion: 8\nDepends: libc6 (>= 2.34), redis-tools:any (= 8), a | libc6-2.41\n` +
      'Drydock-Left-Out: init-system-helpers (>= 1.54~), adduser\n\n' +
      'Package: redis-tools\nStatus: install ok installed\nVersion: 8\nDrydock-Left-Out: adduser\n\n',
  );
});

test('where nothing is missing, nothing changes', () => {
  expect(statusOf(['Package: x\nVersion: 1\nDepends: libc6\nDescription: one\n two\n .\n three'], below)).toBe(
    `${below}Package: x\nStatus: install ok installed\nVersion: 1\nDepends: libc6\nDescription: one\n two\n .\n three\n\n`,
  );
});
