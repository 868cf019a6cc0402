import { fromBase64, toBase64 } from '../../base/text.ts';
import { joined } from '../../base/bytes.ts';
import { Emitter } from '../../base/events.ts';
import type { ConsolePort } from '../../machine/console-port.ts';
import type { TerminalSession, TerminalSize } from '../../protocol/sandbox.ts';
import { replayOf } from './terminal-replay.ts';

/** Output that is kept for a page that opens the terminal later, in bytes. */
const REPLAY_BYTES = 64 * 1024;

/** What a terminal of a saved guest needs: plain data for JSON, base64. */
export interface TerminalState {
  readonly shown: string;
  readonly unsent: string;
}

/** One of the guest's terminals: the console port, and what it has shown. */
export class TerminalPort {
  readonly #shown: Uint8Array[] = [];
  #shownBytes = 0;
  #session: Emitter<Uint8Array> | undefined;
  #hasInput = false;

  /** `onUse` is called with whatever is typed or printed. */
  constructor(
    private readonly port: ConsolePort,
    private readonly resize: (size: TerminalSize) => void,
    private readonly onUse: () => void = () => undefined,
  ) {
    port.onOutput(bytes => {
      this.onUse();
      this.show(bytes);
      if (this.#session) this.#session.emit(bytes);
      else port.acknowledge(bytes.length);
    });
  }

  /** What it has shown, and what was typed and the guest has not read. */
  saveState(): TerminalState {
    return { shown: toBase64(joined(...this.#shown)), unsent: toBase64(this.port.unsent) };
  }

  /** Goes on from a state. */
  resume({ shown, unsent }: TerminalState): void {
    this.show(replayOf(fromBase64(shown)));
    void this.port.write(fromBase64(unsent));
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

  /** Shows output that does not come from the console port, also to the page that has the terminal open. */
  tell(bytes: Uint8Array): void {
    this.show(bytes);
    this.#session?.emit(bytes);
  }

  /** Opens the terminal; a page that had it open before gets nothing more. */
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
        this.onUse();
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
