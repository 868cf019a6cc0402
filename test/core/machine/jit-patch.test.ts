import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { patchThreshold, PATCHED_V86_VERSION, THRESHOLD_EXPORT } from '../../../src/core/machine/jit-patch.ts';

const file = (path: string) => fileURLToPath(new URL(`../../../node_modules/v86/${path}`, import.meta.url));
const engine = new Uint8Array(readFileSync(file('build/v86.wasm')));

describe("v86's engine with a movable compile threshold", () => {
  test('the version that the patch names is the one installed', () => {
    expect((JSON.parse(readFileSync(file('package.json'), 'utf8')) as { version: string }).version).toBe(PATCHED_V86_VERSION);
  });

  test('the patched module is valid and exports a mutable global that starts at 200,000', async () => {
    const module = await WebAssembly.compile(patchThreshold(engine));
    const before = WebAssembly.Module.exports(await WebAssembly.compile(engine));
    const after = WebAssembly.Module.exports(module);
    expect(after.filter(one => !before.some(other => other.name === one.name))).toEqual([{ name: THRESHOLD_EXPORT, kind: 'global' }]);
  });

  test('the module given is left as it was', () => {
    const copy = engine.slice();
    patchThreshold(engine);
    expect(engine.every((byte, index) => byte === copy[index])).toBe(true);
  });

  test('a module without the constant, or with two of it, is refused', () => {
    const constant = [0x41, 0xc0, 0x9a, 0x0c];
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    expect(() => patchThreshold(Uint8Array.from(header))).toThrow(/not the build/);
    expect(() => patchThreshold(Uint8Array.from([...header, ...constant, ...constant]))).toThrow(/not the build/);
  });
});
