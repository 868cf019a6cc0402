import { expect, test } from 'vitest';
import { stubModule } from '../../../src/core/machine/stub-module.ts';
import { leb, readLeb, signedLeb } from '../../../src/core/base/wasm-bytes.ts';

const FIRST_SLOT = 1024;

/** Slots whose numbers need one, two and three bytes, and those at which a signed number needs one more. */
const SLOTS = [1, 63, 64, 127, 128, 899, 8191, 8192, 20_000];

interface Called {
  readonly name: string;
  readonly slot: number;
}

/** A table in which calling a slot for the first time goes to a stub; `real` is what `before` puts there. */
function stubs(isFollowed: boolean, called: Called[]) {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: FIRST_SLOT + 20_001 });
  const note = (name: string) => (slot: number) => void called.push({ name, slot });
  // The same stubs, over a table of their own, serve as functions to be called: each notes its slot and argument.
  const before = (slot: number): void => {
    note('before')(slot);
    table.set(FIRST_SLOT + slot, real.exports[`f${slot}`]);
  };
  const inner = new WebAssembly.Table({ element: 'anyfunc', initial: FIRST_SLOT + 20_001 });
  const leaf = new WebAssembly.Instance(new WebAssembly.Module(LEAF), { e: { note: note('argument') } });
  SLOTS.forEach(slot => inner.set(FIRST_SLOT + slot, leaf.exports['f']));
  const real = new WebAssembly.Instance(new WebAssembly.Module(stubModule(SLOTS, FIRST_SLOT)), { e: { before: note('real'), table: inner } });
  const module = new WebAssembly.Module(stubModule(SLOTS, FIRST_SLOT, isFollowed));
  return new WebAssembly.Instance(module, { e: { before, after: note('after'), table } });
}

/** (module (import "e" "note" (func (param i32))) (func (export "f") (param i32) (call 0 (local.get 0)))) */
const LEAF = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 1, 0x7f, 0],
  ...[2, 10, 1, 1, 0x65, 4, 0x6e, 0x6f, 0x74, 0x65, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 1],
  ...[10, 8, 1, 6, 0, 0x20, 0, 0x10, 0, 0x0b],
]);

test.each([false, true])('a stub announces its slot, calls what is in it then, with its argument (followed: %s)', isFollowed => {
  for (const slot of SLOTS) {
    const called: Called[] = [];
    (stubs(isFollowed, called).exports[`f${slot}`] as (argument: number) => void)(7);
    expect(called).toEqual([
      { name: 'before', slot },
      { name: 'real', slot },
      { name: 'argument', slot: 7 },
      ...(isFollowed ? [{ name: 'after', slot }] : []),
    ]);
  }
});

test('numbers of WebAssembly go there and back', () => {
  for (const value of [0, 63, 64, 127, 128, 300, 16_383, 16_384, 2 ** 28]) {
    expect(readLeb(Uint8Array.from(leb(value)), 0).value).toBe(value);
    // A signed number of so many bytes has its sign in bit 6 of the last.
    expect(signedLeb(value).at(-1)! & 0x40).toBe(0);
    expect(readLeb(Uint8Array.from(signedLeb(value)), 0).value).toBe(value);
  }
});
