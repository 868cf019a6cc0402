/** Gives a position-independent i386 program a fixed address, as a static linker would have done. */

/** Where programs that are not position-independent are linked to on i386. */
const BASE = 0x0804_8000;

const ET_EXEC = 2;
const ET_DYN = 3;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_GNU_STACK = 0x6474_e551;
const PF_X = 1;
const SHT_DYNSYM = 11;
const SHF_ALLOC = 2;
const STT_TLS = 6;
const SHN_ABS = 0xfff1;
const R_386_GLOB_DAT = 6;
const R_386_JUMP_SLOT = 7;
const R_386_RELATIVE = 8;
const R_386_TLS_TPOFF = 14;

const DT_PLTRELSZ = 2;
const DT_PLTGOT = 3;
const DT_REL = 17;
const DT_RELSZ = 18;
const DT_JMPREL = 23;
const DT_RELCOUNT = 0x6fff_fffa;
const DT_FLAGS_1 = 0x6fff_fffb;
const DF_1_PIE = 0x0800_0000;
/** Entries of the dynamic section that are addresses: hash, strings, symbols, init, fini, rel, jmprel, the arrays, GNU's. */
const DYNAMIC_ADDRESSES = new Set([DT_PLTGOT, 4, 5, 6, 12, 13, DT_REL, DT_JMPREL, 25, 26, 32, 0x6fff_fef5, 0x6fff_fff0, 0x6fff_fffc, 0x6fff_fffe]);
/** Those that are not: needed, sizes, plain numbers and flags. */
const DYNAMIC_NUMBERS = new Set([
  0,
  1,
  DT_PLTRELSZ,
  10,
  11,
  14,
  15,
  DT_RELSZ,
  19,
  20,
  21,
  24,
  27,
  28,
  29,
  30,
  33,
  DT_RELCOUNT,
  DT_FLAGS_1,
  0x6fff_fffd,
  0x6fff_ffff,
]);

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly isCode: boolean;
}

/** What was changed, for the build's report. */
export interface FixedProgram {
  readonly relocations: number;
  readonly thunkCalls: number;
}

class Program {
  readonly view: DataView;
  readonly segments: readonly Segment[];

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isElf32 = this.word(0) === 0x464c_457f && bytes[4] === 1 && bytes[5] === 1;
    if (!isElf32 || this.view.getUint16(16, true) !== ET_DYN) throw new Error('this is no position-independent program for i386');
    this.segments = Array.from({ length: this.view.getUint16(44, true) }, (_, index) => {
      const at = this.word(28) + index * this.view.getUint16(42, true);
      return {
        type: this.word(at),
        offset: this.word(at + 4),
        address: this.word(at + 8),
        fileSize: this.word(at + 16),
        isCode: this.word(at) === PT_LOAD && (this.word(at + 24) & PF_X) !== 0,
      };
    });
  }

  word(at: number): number {
    return this.view.getUint32(at, true);
  }

  set(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  add(at: number): void {
    this.set(at, this.word(at) + BASE);
  }

  /** Where in the file an address is that the program was linked with. */
  place(address: number): number {
    const segment = this.segments.find(one => one.type === PT_LOAD && address >= one.address && address < one.address + one.fileSize);
    if (!segment) throw new Error(`the address ${address.toString(16)} is not in the file`);
    return segment.offset + address - segment.address;
  }

  dynamic(): Map<number, number> {
    const segment = this.segments.find(one => one.type === PT_DYNAMIC);
    if (!segment) throw new Error('the program has no dynamic section');
    const entries = new Map<number, number>();
    for (let at = segment.offset; this.word(at) !== 0; at += 8) {
      const tag = this.word(at);
      // Only what may come more than once is a plain number.
      entries.set(tag, at + 4);
    }
    return entries;
  }
}

function valueOf(program: Program, dynamic: ReadonlyMap<number, number>, tag: number): number {
  const at = dynamic.get(tag);
  return at === undefined ? 0 : program.word(at);
}

/** Does what the dynamic linker would do at each start, and takes what is done out of its list. */
function relocate(program: Program, dynamic: ReadonlyMap<number, number>): number {
  const value = (tag: number): number => valueOf(program, dynamic, tag);
  const tables = [
    [value(DT_REL), value(DT_RELSZ)],
    [value(DT_JMPREL), value(DT_PLTRELSZ)],
  ] as const;
  let relative = 0;
  for (const [address, size] of tables) {
    const start = size === 0 ? 0 : program.place(address);
    for (let at = start; at < start + size; at += 8) {
      const type = program.word(at + 4) & 0xff;
      const target = program.place(program.word(at));
      // A slot of the procedure table holds the address of its own lazy binding.
      if (type === R_386_RELATIVE || type === R_386_JUMP_SLOT) program.add(target);
      else if (type !== R_386_GLOB_DAT && type !== R_386_TLS_TPOFF) throw new Error(`a relocation of type ${type} is not known here`);
      if (type === R_386_RELATIVE) relative++;
      program.add(at);
    }
  }
  // The linker sorts these to the front and counts them, so that they can be left out in one go.
  if (relative !== value(DT_RELCOUNT)) throw new Error('relative relocations are not all counted');
  const [rel, relSize, relCount] = [dynamic.get(DT_REL), dynamic.get(DT_RELSZ), dynamic.get(DT_RELCOUNT)];
  if (rel === undefined || relSize === undefined || relCount === undefined) return 0;
  program.set(rel, program.word(rel) + 8 * relative);
  program.set(relSize, program.word(relSize) - 8 * relative);
  program.set(relCount, 0);
  return relative;
}

function moveDynamic(program: Program, dynamic: ReadonlyMap<number, number>): void {
  const table = valueOf(program, dynamic, DT_PLTGOT);
  // Its first word is the address of the dynamic section.
  if (table !== 0) program.add(program.place(table));
  for (const [tag, at] of dynamic) {
    if (DYNAMIC_ADDRESSES.has(tag)) program.add(at);
    else if (!DYNAMIC_NUMBERS.has(tag)) throw new Error(`the dynamic section has an entry ${tag.toString(16)} that is not known here`);
  }
  const flags = dynamic.get(DT_FLAGS_1);
  if (flags !== undefined) program.set(flags, program.word(flags) & ~DF_1_PIE);
}

function moveSymbols(program: Program, offset: number, size: number): void {
  for (let at = offset; at < offset + size; at += 16) {
    const section = program.view.getUint16(at + 14, true);
    const isTls = (program.bytes[at + 12]! & 0xf) === STT_TLS;
    if (section !== 0 && section !== SHN_ABS && !isTls) program.add(at + 4);
  }
}

function moveHeaders(program: Program): void {
  const { view } = program;
  for (let index = 0; index < view.getUint16(48, true); index++) {
    const at = program.word(32) + index * view.getUint16(46, true);
    if (program.word(at + 4) === SHT_DYNSYM) moveSymbols(program, program.word(at + 16), program.word(at + 20));
    if (program.word(at + 8) & SHF_ALLOC) program.add(at + 12);
  }
  for (let index = 0; index < program.segments.length; index++) {
    const at = program.word(28) + index * view.getUint16(42, true);
    if (program.segments[index]!.type === PT_GNU_STACK) continue;
    program.add(at + 8);
    program.add(at + 12);
  }
  view.setUint16(16, ET_EXEC, true);
  program.add(24);
}

const CALL = 0xe8;
const MOVE_TO_EAX = 0xb8;
/** Fewer calls than this, and the four bytes of a thunk are there by chance. */
const MIN_CALLS = 20;

/** The register that a thunk at this place in the file puts its return address into: `mov (%esp),%reg; ret`. */
function thunkRegister({ bytes }: Program, at: number): number | undefined {
  const isThunk = bytes[at] === 0x8b && (bytes[at + 1]! & 0xc7) === 0x04 && bytes[at + 2] === 0x24 && bytes[at + 3] === 0xc3;
  return isThunk ? (bytes[at + 1]! >> 3) & 7 : undefined;
}

/**
 * Code that must run at any address asks where it is by calling a thunk, each time it touches a variable. At a fixed address the answer is
 * known, and an instruction that loads it is as long as that call.
 */
function replaceThunkCalls(program: Program, { offset, address, fileSize }: Segment): number {
  const { bytes } = program;
  const end = offset + fileSize - 4;
  const calls = new Map<number, number[]>();
  for (let at = offset; at < end; at++) {
    if (bytes[at] !== CALL) continue;
    const target = (at + 5 + program.word(at + 1)) >>> 0;
    if (target < offset || target >= end || thunkRegister(program, target) === undefined) continue;
    const places = calls.get(target);
    if (places) places.push(at);
    else calls.set(target, [at]);
  }
  let replaced = 0;
  for (const [target, places] of calls) {
    if (places.length < MIN_CALLS) continue;
    for (const at of places) {
      bytes[at] = MOVE_TO_EAX + thunkRegister(program, target)!;
      program.set(at + 1, at + 5 - offset + address + BASE);
    }
    replaced += places.length;
  }
  return replaced;
}

/**
 * Changes a program in place so that it runs at one address only. Nothing of what it does changes; what changes is that starting it takes no
 * relocations (Go's programs have a hundred thousand and more, each of them a write that gives the process its own copy of a page) and that its
 * code need not ask where it is. Throws where it meets what it does not know.
 */
export function giveFixedAddress(bytes: Uint8Array): FixedProgram {
  const program = new Program(bytes);
  const dynamic = program.dynamic();
  const relocations = relocate(program, dynamic);
  moveDynamic(program, dynamic);
  moveHeaders(program);
  const thunkCalls = program.segments.filter(one => one.isCode).reduce((sum, segment) => sum + replaceThunkCalls(program, segment), 0);
  return { relocations, thunkCalls };
}
