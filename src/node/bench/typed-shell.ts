import { withTimeout } from '../../core/base/errors.ts';
import { terminalText } from '../terminal-text.ts';
import type { Sample } from './samples.ts';
import { sleep } from './session.ts';

/** A terminal of the guest as bytes. */
export interface TerminalBytes {
  /** Tells `listener` of all output from now on. */
  listen(listener: (bytes: Uint8Array) => void): void;
  write(bytes: Uint8Array): void;
}

/** A command line that says when it has ended. */
export interface MarkedCommand {
  readonly line: string;
  /** What the terminal shows in a row of its own at the end: the text before the exit code. The typed line does not hold it. */
  readonly end: string;
}

/** Between two keys: a quick typist. */
export const KEY_MILLISECONDS = 20;
/** How long the shell may take to echo what was typed. */
export const ECHO_MILLISECONDS = 60_000;

const SHOWN_AT_MOST = 2000;

/** Appends an end marker to a command: unlike its output, the typed marker has quotes in it. */
export function markedCommand(command: string, number: number): MarkedCommand {
  return { line: `${command}; echo E"N"D${number}:$?`, end: `END${number}:` };
}

/** Throws what a failed command is told with. */
export function checkExitCode(command: string, code: number, shown: string): void {
  if (code !== 0) throw new Error(`"${command}" failed in the guest (exit code ${code}); the terminal shows:\n${shown}`);
}

/** Types at a guest's shell through a terminal's bytes, with the clock in this process. */
export class TypedShell {
  readonly #decoder = new TextDecoder();
  readonly #terminal: TerminalBytes;
  readonly #counters: () => Sample;
  #output = '';
  #commands = 0;
  #onOutput: () => void = () => undefined;

  /** `counters` gives sums whose growth belongs to each command's sample. */
  constructor(terminal: TerminalBytes, counters: () => Sample = () => ({})) {
    this.#terminal = terminal;
    this.#counters = counters;
    terminal.listen(bytes => {
      this.#output += this.#decoder.decode(bytes, { stream: true });
      this.#onOutput();
    });
  }

  /** What the terminal has shown since the last command was begun, without control sequences. */
  get shown(): string {
    return terminalText(this.#output);
  }

  /** Resolves when the shell's prompt was shown. */
  async prompt(milliseconds: number): Promise<void> {
    await this.#until(() => /drydock:\S+[#$]/.exec(this.shown)?.[0], milliseconds, "the shell's prompt did not appear");
  }

  async run(command: string, milliseconds: number): Promise<Sample> {
    const { line, end } = markedCommand(command, ++this.#commands);
    await this.#typeLine(line);
    const before = this.#counters();
    const start = performance.now();
    this.#write('\r');
    const pattern = new RegExp(`^${end}(\\d+)\n`, 'm');
    const code = await this.#until(() => pattern.exec(this.shown)?.[1], milliseconds, `"${command}" did not end`);
    const seconds = (performance.now() - start) / 1000;
    const after = this.#counters();
    checkExitCode(command, Number(code), this.shown);
    const grown = Object.entries(after).map(([unit, sum]) => [unit, sum - (before[unit] ?? 0)] as const);
    return { s: seconds, ...Object.fromEntries(grown) };
  }

  async #typeLine(line: string): Promise<void> {
    this.#output = '';
    for (const key of line) {
      this.#write(key);
      await sleep(KEY_MILLISECONDS);
    }
    // A line that wraps is echoed with blanks and cursor movements in it.
    const wanted = line.replace(/\s/g, '');
    const isEchoed = (): true | undefined => this.shown.replace(/\s/g, '').includes(wanted) || undefined;
    await this.#until(isEchoed, ECHO_MILLISECONDS, `the terminal did not echo "${line}"`);
  }

  #write(text: string): void {
    this.#terminal.write(new TextEncoder().encode(text));
  }

  /** Looks with each output; rejects with what the terminal shows. */
  async #until<T>(look: () => T | undefined, milliseconds: number, failure: string): Promise<T> {
    const found = new Promise<T>(resolve => {
      this.#onOutput = () => {
        const value = look();
        if (value !== undefined) resolve(value);
      };
      this.#onOutput();
    });
    try {
      return await withTimeout(found, milliseconds, `${failure} within ${milliseconds / 1000} s`);
    } catch (error) {
      throw new Error(`${(error as Error).message}; the terminal shows:\n${this.shown.slice(-SHOWN_AT_MOST)}`, { cause: error });
    } finally {
      this.#onOutput = () => undefined;
    }
  }
}
