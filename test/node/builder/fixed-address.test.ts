import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveFixedAddress } from '../../../src/node/builder/fixed-address.ts';

const FUNCTIONS = 40;

/** A program whose functions each ask where they are, and whose tables hold addresses. */
function source(): string {
  const each = (text: (index: number) => string, between: string): string =>
    Array.from({ length: FUNCTIONS }, (_, index) => text(index)).join(between);
  return `#include <stdio.h>
int counter = 1;
__thread int own = 3;
${each(index => `__attribute__((noinline)) static int step${index}(int x) { counter += ${index}; return x * 3 + counter + own; }`, '\n')}
int (*const steps[])(int) = {${each(index => `step${index}`, ', ')}};
const char *const names[] = {"first", "second"};
int main(int argc, char **argv) {
  int sum = argc;
  for (int i = 0; i < ${FUNCTIONS}; i++) sum = steps[i](sum);
  printf("%s %s %d %s\\n", names[0], names[1], sum, argv[1]);
  return 0;
}
`;
}

const folder = mkdtempSync(join(tmpdir(), 'drydock-test-'));
const program = join(folder, 'program');

beforeAll(() => {
  writeFileSync(`${program}.c`, source());
  execFileSync('gcc', ['-m32', '-O1', '-fPIE', '-pie', '-o', program, `${program}.c`]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** In an emulator: kernels without the i386 system calls (CONFIG_IA32_EMULATION) refuse such programs. */
const outputOf = (file: string): string => execFileSync('qemu-i386', [file, 'third']).toString();

describe('a program given a fixed address', () => {
  it('does what it did, without relocations of its own and without asking where it is', () => {
    const bytes = readFileSync(program);
    const { relocations, thunkCalls } = giveFixedAddress(bytes);
    expect(relocations).toBeGreaterThan(FUNCTIONS);
    expect(thunkCalls).toBeGreaterThan(FUNCTIONS / 2);
    const fixed = join(folder, 'fixed');
    writeFileSync(fixed, bytes, { mode: 0o755 });
    expect(outputOf(fixed)).toBe(outputOf(program));
    expect(execFileSync('readelf', ['-h', fixed]).toString()).toContain('EXEC (Executable file)');
    expect(execFileSync('readelf', ['-rDW', fixed]).toString()).not.toContain('R_386_RELATIVE');
  });

  it('is refused when it has one already, or is no program for i386', () => {
    const bytes = readFileSync(program);
    giveFixedAddress(bytes);
    expect(() => giveFixedAddress(bytes)).toThrow('no position-independent program');
    expect(() => giveFixedAddress(readFileSync(process.execPath).subarray(0, 4096))).toThrow('no position-independent program');
  });
});
