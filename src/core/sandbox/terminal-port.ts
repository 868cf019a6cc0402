import { Emitter } from '../base/events.ts';
import type { ConsolePort } from '../machine/console-port.ts';
import type { TerminalSession, TerminalSize } from '../protocol/sandbox.ts';

/** Output kept for whoever opens the terminal later, in bytes. */
const REPLAY_BYTES = 64 * 1024;

/** One of the guest's terminals: the console port, and what it has shown. */
export class TerminalPort {
  readonly #shown: Uint8Array[] = [];
  #shownBytes = 0;
  #session: Emitter<Uint8Array> | undefined;
  #hasInput = false;

  constructor(
    private readonly port: ConsolePort,
    private readonly resize: (size: TerminalSize) => void,
  ) {
    port.onOutput(bytes => {
      this.show(bytes);
      if (this.#session) this.#session.emit(bytes);
      else port.acknowledge(bytes.length);
    });
  }

  /** Something was typed into it. */
  get hasInput(): boolean {
    return this.#hasInput;
  }

  /** Notes what the terminal shows without the guest printing it: the prompt of a restored machine. */
  show(bytes: Uint8Array): void {
    this.#shown.push(bytes);
    this.#shownBytes += bytes.length;
    while (this.#shownBytes > REPLAY_BYTES && this.#shown.length > 1) this.#shownBytes -= this.#shown.shift()!.length;
  }

  /** Shows what does not come from the console port, to whoever has the terminal open as well. */
  tell(bytes: Uint8Array): void {
    this.show(bytes);
    this.#session?.emit(bytes);
  }

  /** Opens the terminal; whoever had it open hears nothing more. */
  open(size: TerminalSize): TerminalSession {
    const output = new Emitter<Uint8Array>();
    let replay = this.#shown.slice();
    this.#session = output;
    this.resize(size);
    return {
      onOutput: listener => {
        replay.forEach(listener);
        replay = [];
        return output.event(listener);
      },
      write: bytes => {
        this.#hasInput = true;
        return this.port.write(bytes);
      },
      acknowledge: byteCount => this.port.acknowledge(byteCount),
      resize: this.resize,
      close: () => {
        if (this.#session === output) this.#session = undefined;
        // What was shown to nobody must not hold the guest up.
        this.port.acknowledge(Infinity);
      },
    };
  }
}
