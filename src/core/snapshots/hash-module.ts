import { leb, nameBytes, signedLeb, WASM_PREAMBLE, WASM_SECTION, wasmFunction, wasmSection } from '../base/wasm-bytes.ts';

/** The unit in which memory and disk are compared and stored, in bytes. */
export const PAGE_BYTES = 4096;

/** Odd numbers with about as many ones as zeros: what makes a multiplication mix. */
const [FIRST, SECOND] = [0x9e3779b1, 0x85ebca6b];
/** By how many bits a lane is turned after each multiplication, so that a change of high bits reaches the low ones. */
const [FIRST_TURN, SECOND_TURN, LANE_TURN] = [13, 17, 15];

const VECTOR_BYTES = 16;
const LANES = 4;
/** Looked at together for anything but zeros. */
const BLOCK_BYTES = 64;

const I32 = 0x7f;
const V128 = 0x7b;
const VOID = 0x40;

/** The module's locals: the parameter, then the others in the order of their declaration. */
const local = { address: 0, end: 1, one: 2, two: 3, vector: 4, product: 5 } as const;

const op = {
  block: [0x02, VOID],
  loop: [0x03, VOID],
  end: [0x0b],
  return: [0x0f],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  i32Mul: [0x6c],
  i32NotEqual: [0x47],
  i32Xor: [0x73],
  i32ShiftRight: [0x76],
  i32TurnLeft: [0x77],
} as const;

const get = (index: number): number[] => [0x20, index];
const set = (index: number): number[] => [0x21, index];
const tee = (index: number): number[] => [0x22, index];
const setGlobal = (index: number): number[] => [0x24, index];
const constant = (value: number): number[] => [0x41, ...signedLeb(value)];
const branchIf = (depth: number): number[] => [0x0d, depth];

/** Instructions on vectors of four 32-bit lanes (the specification's "SIMD" opcodes). */
const simd = (opcode: number, ...rest: number[]): number[] => [0xfd, ...leb(opcode), ...rest];
const load = (offset: number): number[] => [...get(local.address), ...simd(0x00, 4, ...leb(offset))];
const splat = (value: number): number[] => [...constant(value), ...simd(0x11)];
const lane = (index: number): number[] => simd(0x1b, index);
const OR = simd(0x50);
const XOR = simd(0x51);
const ANY = simd(0x53);
const SHIFT_LEFT = simd(0xab);
const SHIFT_RIGHT = simd(0xad);
const ADD = simd(0xae);
const MULTIPLY = simd(0xb5);

/** Turns each lane of what was just put into `product`. */
function turned(bits: number): number[] {
  const shifted = (by: number, how: number[]): number[] => [...get(local.product), ...constant(by), ...how];
  return [...shifted(bits, SHIFT_LEFT), ...shifted(32 - bits, SHIFT_RIGHT), ...OR];
}

/** Goes on in a loop until the address, moved by so many bytes, is the end. */
function next(bytes: number): number[] {
  return [...get(local.address), ...constant(bytes), ...op.i32Add, ...tee(local.address), ...get(local.end), ...op.i32NotEqual, ...branchIf(0)];
}

/** Four lanes made into one number, whose high bits also go into its low ones. */
function folded(of: number, factor: number): number[] {
  const others = Array.from({ length: LANES - 1 }, (_, index) => [
    ...constant(factor),
    ...op.i32Mul,
    ...constant(LANE_TURN),
    ...op.i32TurnLeft,
    ...get(of),
    ...lane(index + 1),
    ...op.i32Xor,
  ]);
  const sum = [...get(of), ...lane(0), ...others.flat(), ...constant(factor), ...op.i32Mul, ...tee(local.end)];
  return [...sum, ...get(local.end), ...constant(16), ...op.i32ShiftRight, ...op.i32Xor];
}

/** Leaves the function with 0 where the page holds nothing but zeros. */
const leaveIfZero = [
  ...op.block,
  ...op.loop,
  ...[0, 16, 32, 48].flatMap((offset, index) => [...load(offset), ...(index > 0 ? OR : [])]),
  ...ANY,
  ...branchIf(1),
  ...next(BLOCK_BYTES),
  ...op.end,
  ...[0, 1].flatMap(index => [...constant(0), ...setGlobal(index)]),
  ...constant(0),
  ...op.return,
  ...op.end,
];

const mix = [
  ...op.loop,
  ...[...load(0), ...tee(local.vector), ...get(local.one), ...XOR, ...splat(FIRST), ...MULTIPLY, ...set(local.product)],
  ...[...turned(FIRST_TURN), ...set(local.one)],
  ...[...get(local.vector), ...get(local.two), ...ADD, ...splat(SECOND), ...MULTIPLY, ...set(local.product)],
  ...[...turned(SECOND_TURN), ...set(local.two)],
  ...next(VECTOR_BYTES),
  ...op.end,
];

const code = [
  ...[2, 1, I32, 4, V128],
  ...[...get(local.address), ...constant(PAGE_BYTES), ...op.i32Add, ...set(local.end)],
  ...leaveIfZero,
  ...[...get(local.end), ...constant(PAGE_BYTES), ...op.i32Sub, ...set(local.address)],
  ...[...splat(FIRST), ...set(local.one), ...splat(SECOND), ...set(local.two)],
  ...mix,
  ...[...folded(local.one, FIRST), ...setGlobal(0), ...folded(local.two, SECOND), ...setGlobal(1)],
  ...constant(1),
  ...op.end,
];

const MUTABLE_ZERO = [I32, 1, ...constant(0), ...op.end];

/**
 * The bytes of a module that hashes a page of the memory `e.memory` where it lies: `look(address)` gives 0 for a page of zeros, else 1, and puts
 * the hash's two words into the globals `one` and `two`. Vectors of the processor do this about eight times faster than JavaScript.
 */
export const hashModule = Uint8Array.from([
  ...WASM_PREAMBLE,
  ...wasmSection(WASM_SECTION.type, [[0x60, 1, I32, 1, I32]]),
  ...wasmSection(WASM_SECTION.import, [[...nameBytes('e'), ...nameBytes('memory'), 0x02, 0, 1]]),
  ...wasmSection(WASM_SECTION.function, [[0]]),
  ...wasmSection(WASM_SECTION.global, [MUTABLE_ZERO, MUTABLE_ZERO]),
  ...wasmSection(WASM_SECTION.export, [
    [...nameBytes('look'), 0, 0],
    [...nameBytes('one'), 3, 0],
    [...nameBytes('two'), 3, 1],
  ]),
  ...wasmSection(WASM_SECTION.code, [wasmFunction(code)]),
]);
