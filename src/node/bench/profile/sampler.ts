import type { Processor } from './emulator-hook.ts';
import { TaskReader, type KernelMap } from './kernel-map.ts';

/** Where the guest was when a slice of the emulator's main loop ended, and how many instructions the slice had. */
export interface ProfileSample {
  readonly task: string;
  readonly isUser: boolean;
  readonly entry: number | undefined;
  readonly eip: number;
  readonly instructions: number;
}

/** Collects samples while it is on. */
export class Sampler {
  samples: ProfileSample[] = [];
  #isOn = false;
  #last = 0;
  #tasks: TaskReader | undefined;

  constructor(private readonly map: KernelMap) {}

  start(): void {
    this.#isOn = true;
  }

  /** Gives what was collected since `start`. */
  stop(): readonly ProfileSample[] {
    this.#isOn = false;
    const { samples } = this;
    this.samples = [];
    return samples;
  }

  readonly onSlice = (processor: Processor): void => {
    const now = processor.instructionCounter();
    const instructions = (now - this.#last) >>> 0;
    this.#last = now;
    if (!this.#isOn) return;
    this.#tasks ??= new TaskReader(this.map, processor);
    const { name, entry } = this.#tasks.read(processor);
    this.samples.push({ task: name, isUser: processor.isUserMode(), entry, eip: processor.eip(), instructions });
  };
}
