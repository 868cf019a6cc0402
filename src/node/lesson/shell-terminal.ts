import type { TypedCommand } from '../../core/lesson/check/check-probe.ts';
import { CommandScanner } from '../../core/lesson/check/command-marks.ts';
import type { Sandbox, TerminalSession } from '../../core/protocol/sandbox.ts';
import { terminalText } from '../terminal-text.ts';

/** The prompt of the sandbox's own shell, as the last thing that is shown. */
const SHELL_PROMPT = /drydock:\S*# $/;
/** The prompts of programs that a solution types into: a shell in a container, Python. */
const INNER_PROMPT = /\n([^\n]*[#$]|>>>|\.\.\.) $/;
const POLL_MILLISECONDS = 50;
/** The shell's own marks around what a command writes (core/lesson/check/command-marks.ts). */
// oxlint-disable-next-line no-control-regex -- they are control sequences
const BEGIN_MARK = /\u001b\]133;C;[^\u0007]*\u0007/;
const END_MARK = '\u001b]133;D;';

const KEYS = { C: '\u0003', D: '\u0004' } as const;

/** One of the sandbox's terminals, typed at as a learner does it: the next line when the last has ended. */
export class ShellTerminal {
  readonly #session: TerminalSession;
  readonly #scanner = new CommandScanner();
  readonly #decoder = new TextDecoder();
  readonly #ended: TypedCommand[] = [];
  #shown = '';
  #lastOutput = performance.now();
  /** Where the output of what was typed last begins. */
  #start = 0;
  /** How many prompts there were when the last command was entered. */
  #promptsBefore = 0;

  private constructor(session: TerminalSession) {
    this.#session = session;
    session.onOutput(bytes => {
      this.#shown += this.#decoder.decode(bytes, { stream: true });
      this.#ended.push(...this.#scanner.push(bytes));
      this.#lastOutput = performance.now();
      session.acknowledge(bytes.length);
    });
  }

  /** Opens terminal 1 and waits for its prompt. */
  static async open(sandbox: Sandbox): Promise<ShellTerminal> {
    const terminal = new ShellTerminal(await sandbox.openTerminal(0, { columns: 120, rows: 40 }));
    // Earlier work may have left a prompt that is not shown again.
    await terminal.enter('');
    await terminal.untilEnded(60_000);
    return terminal;
  }

  /** The commands that were entered and have ended, since `forget`. */
  get typed(): readonly TypedCommand[] {
    return this.#ended;
  }

  /** What a step is not to be asked about the steps before it. */
  forget(): void {
    this.#ended.length = 0;
  }

  /** What has been shown since the last line was typed, without escape sequences. */
  get shown(): string {
    return terminalText(this.#shown.slice(this.#start));
  }

  /** What the command that was entered last has written so far, without its echo; of what was typed into a program, all but the typed line. */
  get output(): string {
    const raw = this.#shown.slice(this.#start);
    const begin = BEGIN_MARK.exec(raw);
    const from = begin === null ? raw.indexOf('\n') + 1 : begin.index + begin[0].length;
    const end = raw.lastIndexOf(END_MARK);
    return terminalText(raw.slice(from, end < from ? undefined : end));
  }

  /** Is the shell ready for a command? */
  get isAtPrompt(): boolean {
    return !this.#scanner.isRunning && SHELL_PROMPT.test(this.#tail);
  }

  /** Is it ready for a command now, or within the time? */
  async isAtPromptWithin(milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while (!this.isAtPrompt && performance.now() < end) await pause();
    return this.isAtPrompt;
  }

  get #tail(): string {
    return terminalText(this.#shown.slice(-2000));
  }

  /** For how long nothing was shown, in milliseconds. */
  get silence(): number {
    return performance.now() - this.#lastOutput;
  }

  /** Enters a command at the shell's prompt; a `\` at the end of a line continues it on the next. */
  async enter(text: string): Promise<void> {
    this.#promptsBefore = this.#scanner.promptCount;
    await this.type(text);
  }

  /** Types into whatever runs, and presses Enter. */
  async type(text: string): Promise<void> {
    this.#start = this.#shown.length;
    for (const line of text.split('\n')) await this.#write(`${line}\r`);
  }

  async press(key: keyof typeof KEYS): Promise<void> {
    this.#start = this.#shown.length;
    await this.#write(KEYS[key]);
  }

  /** Has the command that was entered last ended? */
  get hasEnded(): boolean {
    return this.#scanner.promptCount > this.#promptsBefore && this.isAtPrompt;
  }

  /** Resolves when it has. */
  untilEnded(milliseconds: number): Promise<void> {
    return this.#until(() => this.hasEnded, milliseconds, "the shell's prompt did not come back");
  }

  /** Resolves when the program that runs shows a prompt. */
  untilInnerPrompt(milliseconds: number): Promise<void> {
    return this.#until(
      () => INNER_PROMPT.test(this.shown) && this.silence > 400,
      milliseconds,
      'the program that runs showed no prompt (`# `, `$ ` or `>>> `)',
    );
  }

  /** Resolves when nothing has been shown for so long, at the end of the time, or as soon as `isDone` says so. */
  async untilQuiet(quietMilliseconds: number, milliseconds: number, isDone: () => boolean = () => false): Promise<void> {
    const end = performance.now() + milliseconds;
    while (this.silence < quietMilliseconds && performance.now() < end && !isDone()) await pause();
  }

  close(): void {
    this.#session.close();
  }

  async #write(keys: string): Promise<void> {
    this.#lastOutput = performance.now();
    await this.#session.write(new TextEncoder().encode(keys));
  }

  async #until(isSo: () => boolean, milliseconds: number, failure: string): Promise<void> {
    const end = performance.now() + milliseconds;
    while (!isSo()) {
      if (performance.now() > end)
        throw new Error(`${failure} within ${Math.round(milliseconds / 1000)} s. The terminal shows:\n${this.#tail.slice(-1000)}`);
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, POLL_MILLISECONDS));
}
