import { SandboxError } from '../base/errors.ts';
import { leb, nameBytes, readLeb, WASM_PREAMBLE, WASM_SECTION } from '../base/wasm-bytes.ts';

/** The exact build of v86's engine that the patch below was made for. */
export const PATCHED_V86_VERSION = '0.5.462+g5f9a90f';

/** Name under which the patched module exports its compile threshold, a mutable i32 global. */
export const THRESHOLD_EXPORT = 'drydock_jit_threshold';

/** `i32.const 200000`: v86's JIT_THRESHOLD (src/rust/jit.rs), compiled into exactly one place. */
const THRESHOLD_CONSTANT = [0x41, 0xc0, 0x9a, 0x0c];
const NOP = 0x01;
const GLOBAL_GET = 0x23;

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

function readSections(module: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = WASM_PREAMBLE.length; at < module.length;) {
    const { value: size, next } = readLeb(module, at + 1);
    sections.push({ id: module[at]!, body: module.subarray(next, next + size) });
    at = next + size;
  }
  return sections;
}

/** Adds one entry to the end of a section that is a counted list; gives its index among the section's entries. */
function append(section: Section, entry: readonly number[]): { section: Section; index: number } {
  const { value: count, next } = readLeb(section.body, 0);
  const body = Uint8Array.from([...leb(count + 1), ...section.body.subarray(next), ...entry]);
  return { section: { id: section.id, body }, index: count };
}

function find(bytes: Uint8Array, pattern: readonly number[]): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(pattern[0]!); at >= 0; at = bytes.indexOf(pattern[0]!, at + 1)) {
    if (pattern.every((byte, index) => bytes[at + index] === byte)) found.push(at);
  }
  return found;
}

/**
 * Turns v86's compile-time threshold (how hot a page of guest code must be before it is compiled) into an exported,
 * mutable global: `i32.const 200000` becomes `global.get` and two `nop`. v86's own engine compiles far too early and
 * too much for a cold machine (docs/performance.md), and has no setting for it. Throws where the module is not the
 * one this was made for.
 */
export function patchThreshold(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const sites = find(module, THRESHOLD_CONSTANT);
  const [site] = sites;
  if (sites.length !== 1 || site === undefined) {
    throw new SandboxError('machine-failed', `The emulator is not the build this page was made for (v86 ${PATCHED_V86_VERSION}).`);
  }
  const patched = module.slice();
  const sections = readSections(patched);
  const globals = sections.findIndex(section => section.id === WASM_SECTION.global);
  const exports = sections.findIndex(section => section.id === WASM_SECTION.export);
  const added = append(sections[globals]!, [0x7f, 0x01, 0x41, ...THRESHOLD_CONSTANT.slice(1), 0x0b]);
  // The replacement has to be as long as the constant, so the global's number must fit one byte. v86 imports no globals.
  if (added.index > 0x7f) throw new SandboxError('machine-failed', 'The emulator has more globals than the compile patch can address.');
  patched.set([GLOBAL_GET, added.index, NOP, NOP], site);
  sections[globals] = added.section;
  sections[exports] = append(sections[exports]!, [...nameBytes(THRESHOLD_EXPORT), 0x03, ...leb(added.index)]).section;
  return join(patched.subarray(0, WASM_PREAMBLE.length), sections);
}

function join(header: Uint8Array, sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const heads = sections.map(({ id, body }) => Uint8Array.from([id, ...leb(body.length)]));
  const size = sections.reduce((sum, { body }, index) => sum + heads[index]!.length + body.length, header.length);
  const result = new Uint8Array(size);
  result.set(header);
  let at = header.length;
  sections.forEach(({ body }, index) => {
    result.set(heads[index]!, at);
    result.set(body, at + heads[index]!.length);
    at += heads[index]!.length + body.length;
  });
  return result;
}
