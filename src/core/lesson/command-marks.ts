import type { TypedCommand } from './check-probe.ts';

/*
 * The guest's shell marks in its output where a command begins and how it ended (images/guest/rootfs/root/.bash_profile), in the way terminals
 * know as "shell integration": OSC 133. `C` comes before a command's output; at the next prompt come `D;<exit code>` and
 * `E;<what "history 1" says>`. A prompt without a `C` before it (Enter on an empty line, Ctrl+C) tells of no command.
 */

const ESCAPE = 0x1b;
const BELL = 0x07;
const OSC = 0x5d;
const BACKSLASH = 0x5c;
/** Longer than any command that is typed: what is longer is no mark of the shell. */
const MAX_MARK_BYTES = 64 * 1024;

const enum State {
  Text,
  Escape,
  Mark,
  MarkEscape,
}

/** Finds the commands that were entered in a terminal in what the terminal prints. One scanner for each terminal, from its first byte. */
export class CommandScanner {
  #state = State.Text;
  #mark: number[] = [];
  #isRunning = false;
  #promptCount = 0;
  /** Of the command whose text is still to come. */
  #exitCode: number | undefined;

  /** A command has begun and not ended: what is typed now goes to it, not to the shell. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** How often the shell has shown its prompt. */
  get promptCount(): number {
    return this.#promptCount;
  }

  /** Takes the next bytes, cut wherever they may be; gives the commands whose end they tell. */
  push(bytes: Uint8Array): readonly TypedCommand[] {
    const ended: TypedCommand[] = [];
    for (const byte of bytes) {
      const command = this.#take(byte);
      if (command) ended.push(command);
    }
    return ended;
  }

  #take(byte: number): TypedCommand | undefined {
    switch (this.#state) {
      case State.Text:
        if (byte === ESCAPE) this.#state = State.Escape;
        return undefined;
      case State.Escape:
        this.#state = byte === OSC ? State.Mark : byte === ESCAPE ? State.Escape : State.Text;
        this.#mark = [];
        return undefined;
      case State.Mark:
        return this.#takeInMark(byte);
      case State.MarkEscape:
        this.#state = State.Text;
        return byte === BACKSLASH ? this.#endMark() : undefined;
    }
  }

  #takeInMark(byte: number): TypedCommand | undefined {
    if (byte === BELL) {
      this.#state = State.Text;
      return this.#endMark();
    }
    if (byte === ESCAPE) this.#state = State.MarkEscape;
    else if (this.#mark.push(byte) > MAX_MARK_BYTES) this.#state = State.Text;
    return undefined;
  }

  #endMark(): TypedCommand | undefined {
    const [, kind, rest = ''] = /^133;([CDE])(?:;(.*))?$/s.exec(new TextDecoder().decode(Uint8Array.from(this.#mark))) ?? [];
    if (kind === 'C') {
      this.#isRunning = true;
      this.#exitCode = undefined;
    } else if (kind === 'D') {
      this.#exitCode = this.#isRunning ? Number(rest) : undefined;
      this.#isRunning = false;
    } else if (kind === 'E') {
      this.#promptCount++;
      if (this.#exitCode === undefined) return undefined;
      const command = { text: commandOf(rest), exitCode: this.#exitCode };
      this.#exitCode = undefined;
      return command.text === '' ? undefined : command;
    }
    return undefined;
  }
}

/** `   12  docker ps` → `docker ps`; the terminal has made `\r\n` of newlines. */
function commandOf(historyLine: string): string {
  return historyLine
    .replace(/\r/g, '')
    .replace(/^\s*\d+\*?\s+/, '')
    .trim();
}
