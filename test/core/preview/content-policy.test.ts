import { expect, test } from 'vitest';
import { allowScript } from '../../../src/core/preview/content-policy.ts';

test.each([
  ["script-src 'self'", "script-src 'self' 'sha256-x'"],
  ["img-src *; Script-Src 'nonce-a' 'strict-dynamic'", "img-src *; Script-Src 'nonce-a' 'strict-dynamic' 'sha256-x'"],
  ["script-src 'none'", "script-src 'sha256-x'"],
  ["default-src 'self'; img-src *", "default-src 'self'; img-src *; script-src 'self' 'sha256-x'"],
  ["default-src 'none'", "default-src 'none'; script-src 'sha256-x'"],
  ["script-src 'self'; script-src-elem 'nonce-a'", "script-src 'self'; script-src-elem 'nonce-a' 'sha256-x'"],
  // Every script may run: a hash would take that away.
  ["script-src 'self' 'unsafe-inline'", "script-src 'self' 'unsafe-inline'"],
  ["script-src 'unsafe-inline' 'nonce-a'", "script-src 'unsafe-inline' 'nonce-a' 'sha256-x'"],
  ['img-src *', 'img-src *'],
  ["default-src 'self', script-src 'self'", "default-src 'self'; script-src 'self' 'sha256-x', script-src 'self' 'sha256-x'"],
])('%s', (policy, allowed) => {
  expect(allowScript(policy, 'sha256-x').replace(/,\s*/g, ', ')).toBe(allowed);
});
