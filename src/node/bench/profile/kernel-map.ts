import { readFile } from 'node:fs/promises';
import type { Processor } from './emulator-hook.ts';

/** The kernel's symbols, from the System.map beside the built kernel. */
export class KernelMap {
  readonly #addresses: readonly number[];
  readonly #names: readonly string[];
  readonly #byName: ReadonlyMap<string, number>;

  private constructor(symbols: readonly (readonly [number, string])[]) {
    this.#byName = new Map(symbols.map(([address, name]) => [name, address]));
    const code = symbols.filter(([address]) => address > 0).sort((a, b) => a[0] - b[0]);
    this.#addresses = code.map(([address]) => address);
    this.#names = code.map(([, name]) => name);
  }

  static async read(file: string): Promise<KernelMap> {
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    return new KernelMap(
      lines.map(line => {
        const [address, , name] = line.split(' ');
        return [parseInt(address!, 16), name!] as const;
      }),
    );
  }

  address(name: string): number {
    const address = this.#byName.get(name);
    if (address === undefined) throw new Error(`the kernel has no symbol ${name}`);
    return address;
  }

  /** The symbol that an address lies in. */
  nameAt(address: number): string {
    let [low, high] = [0, this.#addresses.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#addresses[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    return this.#names[low - 1] ?? '?';
  }
}

const NAME_BYTES = 16;
const TASK_BYTES = 8192;
const STACK_BYTES = 8192;
/** Saved user registers at the top of a task's kernel stack (struct pt_regs of i386), and where in them these are. */
const REGISTERS_BYTES = 68;
const ORIGINAL_EAX = 44;
const CODE_SEGMENT = 52;
const USER_CODE_SEGMENT = 0x73;

/** What the running task is doing. */
export interface TaskState {
  /** The program's name as the kernel knows it: at most 15 letters, shared by its threads. */
  readonly name: string;
  /** A system call's number when it is in one, -1 in an exception, less in an interrupt; undefined for threads of the kernel. */
  readonly entry: number | undefined;
}

/** Finds the running task in the guest's memory. Places within a task are found by what the kernel's first task holds there. */
export class TaskReader {
  readonly #current: number;
  readonly #name: number;
  readonly #stack: number;
  #registers: number | undefined;

  constructor(map: KernelMap, processor: Processor) {
    this.#current = map.address('pcpu_hot');
    const first = map.address('init_task');
    const words = Array.from({ length: TASK_BYTES / 4 }, (_, index) => index * 4);
    this.#name = words.find(at => processor.kernelText(first + at, NAME_BYTES).startsWith('swapper')) ?? -1;
    const stack = map.address('init_stack');
    this.#stack = words.find(at => processor.kernelWord(first + at) === stack) ?? -1;
    if (this.#name < 0 || this.#stack < 0) throw new Error('the System.map does not belong to the kernel that runs');
  }

  read(processor: Processor): TaskState {
    const task = processor.kernelWord(this.#current);
    return { name: processor.kernelText(task + this.#name, NAME_BYTES), entry: this.#entry(task, processor) };
  }

  #entry(task: number, processor: Processor): number | undefined {
    const top = processor.kernelWord(task + this.#stack) + STACK_BYTES;
    // The kernel leaves 0, 8 or 16 bytes free above the registers, depending on its configuration.
    const candidates = this.#registers === undefined ? [0, 8, 16] : [this.#registers];
    const free = candidates.find(bytes => processor.kernelWord(top - bytes - REGISTERS_BYTES + CODE_SEGMENT) === USER_CODE_SEGMENT);
    if (free === undefined) return undefined;
    this.#registers = free;
    return processor.kernelWord(top - free - REGISTERS_BYTES + ORIGINAL_EAX) | 0;
  }
}
