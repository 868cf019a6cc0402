/** Long enough for any line of a kernel. */
const MAX_LINE = 1000;

/** Looks through what a kernel prints for the words with which it gives up. */
export class PanicWatch {
  readonly #onPanic: (message: string) => void;
  #line = '';

  /** `onPanic` is told the reason that the kernel gives. */
  constructor(onPanic: (message: string) => void) {
    this.#onPanic = onPanic;
  }

  /** Takes output as it comes, cut anywhere. */
  push(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop()!.slice(-MAX_LINE);
    for (const line of lines) {
      const reason = /Kernel panic - not syncing: (.*)/.exec(line)?.[1];
      // The last line of a panic begins in the same way: ---[ end Kernel panic - not syncing: … ]---
      if (reason !== undefined && !line.includes('---[ end')) this.#onPanic(reason.trim());
    }
  }
}
