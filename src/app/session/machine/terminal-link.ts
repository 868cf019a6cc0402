import { signal, type ReadonlySignal } from '@preact/signals';
import { SandboxError } from '../../../core/base/errors.ts';
import { Emitter, type Event } from '../../../core/base/events.ts';
import type { TypedCommand } from '../../../core/lesson/check/check-probe.ts';
import { CommandScanner } from '../../../core/lesson/check/command-marks.ts';
import type { TerminalSession, TerminalSize } from '../../../core/protocol/sandbox.ts';

/** How much of a long paste goes to the guest before the page looks up again. */
const PASTE_PIECE_BYTES = 2048;
/** A paste longer than this shows its progress. */
const LONG_PASTE_BYTES = 64 * 1024;
const CONTROL_C = '\x03';
/** To the end of the line, then all of it away: what was half typed must not become part of a command. Ctrl+Y brings it back. */
const CLEAR_LINE = '\x05\x15';
const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** How a program that waits for a line shows it, at the end of its output: a shell in a container, Python. */
const PROMPT = /[#$>] $/;
/** Colours and marks, which stand after a prompt as well as before. */
// oxlint-disable-next-line no-control-regex -- that is what they are made of
const ESCAPES = /\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)/g;
const TAIL_BYTES = 200;

/** What a terminal needs of the widget that shows it. */
export interface TerminalScreen {
  /** Shows bytes and calls back when they are on the screen. */
  write(bytes: Uint8Array, onShown: () => void): void;
  /** Takes the keyboard. */
  focus(): void;
  /** Sends a text as a paste: in brackets where the program in the guest asked for them. */
  paste(text: string): void;
}

/** How far a long paste has come. */
export interface PasteProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/** A command line that was entered, and has ended. */
export interface EnteredCommand extends TypedCommand {
  /** When it began, by `performance.now()`. */
  readonly startMilliseconds: number;
}

/** The link between one terminal widget and one terminal of the guest. It outlives the guest, but the widget does not outlive it. */
export class TerminalLink {
  readonly #encoder = new TextEncoder();
  readonly #beforeCommand: () => Promise<void>;
  readonly #paste = signal<PasteProgress | undefined>(undefined);
  readonly #connected = signal(false);
  readonly #command = new Emitter<EnteredCommand>();
  #session: TerminalSession | undefined;
  #screen: TerminalScreen | undefined;
  #order: Promise<void> = Promise.resolve();
  #isCancelled = false;
  #scanner = new CommandScanner();
  #tail = '';
  /** When the command that runs began. */
  #start = 0;

  /** `beforeCommand` is awaited before a line end goes to the guest: the command it starts must see the learner's files. */
  constructor(beforeCommand: () => Promise<void>) {
    this.#beforeCommand = beforeCommand;
  }

  get paste(): ReadonlySignal<PasteProgress | undefined> {
    return this.#paste;
  }

  get connected(): ReadonlySignal<boolean> {
    return this.#connected;
  }

  /** A command that was entered here has ended. */
  readonly onCommand: Event<EnteredCommand> = listener => this.#command.event(listener);

  /** True while a command runs that does not wait for a line: what is typed now is not a command. */
  get isBusy(): boolean {
    return this.#scanner.isRunning && !PROMPT.test(this.#tail.replace(ESCAPES, ''));
  }

  connect(session: TerminalSession, screen: TerminalScreen): void {
    this.disconnect();
    this.#session = session;
    this.#screen = screen;
    this.#connected.value = true;
    this.#scanner = new CommandScanner();
    this.#tail = '';
    session.onOutput(bytes => {
      screen.write(bytes, () => session.acknowledge(bytes.length));
      this.#follow(bytes);
    });
  }

  disconnect(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#screen = undefined;
    this.#connected.value = false;
    this.#paste.value = undefined;
  }

  resize(size: TerminalSize): void {
    this.#session?.resize(size);
  }

  /** Sends typed or pasted text, in order. Ctrl+C does not wait for a paste that is under way: it ends it. */
  send(text: string): void {
    if (text === CONTROL_C && this.#paste.value !== undefined) this.cancelPaste();
    this.sendBytes(this.#encoder.encode(text));
  }

  /** Puts a command at the shell's prompt, in place of what stands there, for the learner to read and to press Enter; false while there is no machine. */
  propose(command: string): boolean {
    if (this.#session === undefined) return false;
    // One line of what can be seen: nothing in a name may press Enter, or a key.
    this.send(CLEAR_LINE + command.replace(/\p{Cc}/gu, ' '));
    this.#screen?.focus();
    return true;
  }

  /** Types a command at the prompt, in place of what stands there, and presses Enter; false while there is no machine. */
  run(command: string): boolean {
    if (this.#session === undefined) return false;
    const lines = command.split('\n').map(line => line.replace(/\p{Cc}/gu, ' '));
    this.send(CLEAR_LINE);
    // Several lines as one paste: typed one by one, the second would go to the program that the first one starts.
    if (lines.length > 1) this.#screen?.paste(lines.join('\n'));
    else this.send(lines.join(''));
    this.send('\r');
    this.#screen?.focus();
    return true;
  }

  /** Takes the keyboard. */
  focus(): void {
    this.#screen?.focus();
  }

  sendBytes(bytes: Uint8Array): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#order = this.#order.then(() => this.#deliver(session, bytes)).catch(logUnlessStopped);
  }

  cancelPaste(): void {
    this.#isCancelled = true;
  }

  #follow(bytes: Uint8Array): void {
    this.#tail = (this.#tail + new TextDecoder().decode(bytes.subarray(-TAIL_BYTES))).slice(-TAIL_BYTES);
    if (!this.#scanner.isRunning) this.#start = performance.now();
    const ended = this.#scanner.push(bytes);
    for (const command of ended) this.#command.emit({ ...command, startMilliseconds: this.#start });
    // Of lines that were pasted together the next has begun.
    if (ended.length > 0) this.#start = performance.now();
  }

  async #deliver(session: TerminalSession, bytes: Uint8Array): Promise<void> {
    if (session !== this.#session) return;
    if (bytes.includes(13) || bytes.includes(10)) await this.#beforeCommand();
    if (bytes.length <= PASTE_PIECE_BYTES) {
      await session.write(bytes);
      return;
    }
    this.#isCancelled = false;
    try {
      await this.#deliverPieces(session, bytes);
    } finally {
      this.#paste.value = undefined;
    }
  }

  async #deliverPieces(session: TerminalSession, bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += PASTE_PIECE_BYTES) {
      if (session !== this.#session) return;
      if (this.#isCancelled) {
        // A shell that was told of a paste waits for its end.
        if (startsWithText(bytes, PASTE_START)) await session.write(this.#encoder.encode(PASTE_END));
        return;
      }
      if (bytes.length > LONG_PASTE_BYTES) this.#paste.value = { sentBytes: start, totalBytes: bytes.length };
      await session.write(bytes.subarray(start, start + PASTE_PIECE_BYTES));
    }
  }
}

function startsWithText(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, index) => bytes[index] === character.charCodeAt(0));
}

/** What was typed into a machine that stopped is lost with it, and the page says that the machine stopped. */
function logUnlessStopped(error: unknown): void {
  const isExpected = error instanceof SandboxError && (error.code === 'machine-stopped' || error.code === 'cancelled');
  if (!isExpected) console.error('a terminal did not take its input', error);
}
