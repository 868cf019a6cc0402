import type { TypedCommand } from './check-probe.ts';

/*
 * The guest's shell marks in its output where a command begins and how it ended (images/guest/rootfs/root/.bash_profile), in the way terminals
 * know as "shell integration": OSC 133. `C;<exit code of the command before>;<how many since the last prompt>` comes before a command's output;
 * at the next prompt come `D;<exit code>` and `E;<what "history" says of so many commands>`. Lines that are pasted together begin one after the
 * other and share a prompt. A prompt without a `C` before it (Enter on an empty line, Ctrl+C) tells of no command.
 */

const ESCAPE = 0x1b;
const BELL = 0x07;
const OSC = 0x5d;
const BACKSLASH = 0x5c;
/** Longer than any typed command: anything longer is not a mark of the shell. */
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
  /** Of the commands whose texts are still to come. */
  #exitCodes: number[] = [];

  /** A command has begun and not ended: keys that are typed now go to it, not to the shell. */
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
    for (const byte of bytes) ended.push(...this.#take(byte));
    return ended;
  }

  #take(byte: number): readonly TypedCommand[] {
    switch (this.#state) {
      case State.Text:
        if (byte === ESCAPE) this.#state = State.Escape;
        return [];
      case State.Escape:
        this.#state = byte === OSC ? State.Mark : byte === ESCAPE ? State.Escape : State.Text;
        this.#mark = [];
        return [];
      case State.Mark:
        return this.#takeInMark(byte);
      case State.MarkEscape:
        this.#state = State.Text;
        return byte === BACKSLASH ? this.#endMark() : [];
    }
  }

  #takeInMark(byte: number): readonly TypedCommand[] {
    if (byte === BELL) {
      this.#state = State.Text;
      return this.#endMark();
    }
    if (byte === ESCAPE) this.#state = State.MarkEscape;
    else if (this.#mark.push(byte) > MAX_MARK_BYTES) this.#state = State.Text;
    return [];
  }

  #endMark(): readonly TypedCommand[] {
    const [, kind, rest = ''] = /^133;([CDE])(?:;(.*))?$/s.exec(new TextDecoder().decode(Uint8Array.from(this.#mark))) ?? [];
    if (kind === 'C') {
      // Another one already, before a prompt: now the first has ended.
      if (this.#isRunning) this.#exitCodes.push(Number.parseInt(rest, 10));
      else this.#exitCodes = [];
      this.#isRunning = true;
    } else if (kind === 'D') {
      if (this.#isRunning) this.#exitCodes.push(Number.parseInt(rest, 10));
      this.#isRunning = false;
    } else if (kind === 'E' && !this.#isRunning) {
      this.#promptCount++;
      return commandsOf(rest, this.#exitCodes.splice(0));
    }
    return [];
  }
}

/** `   12  docker ps` → `docker ps`, for as many commands as there are exit codes; the terminal has made `\r\n` of newlines. */
function commandsOf(history: string, exitCodes: readonly number[]): readonly TypedCommand[] {
  if (exitCodes.length === 0) return [];
  const texts = exitCodes.length > 1 ? splitHistory(history) : [history];
  const last = texts.slice(-exitCodes.length).map(text =>
    text
      .replace(/\r/g, '')
      .replace(/^\s*\d+\*?\s+/, '')
      .trim(),
  );
  return last.flatMap((text, index) => (text === '' ? [] : [{ text, exitCode: exitCodes[index]! }]));
}

/** Commands may have several lines each: the next one begins where the next number does. */
function splitHistory(history: string): readonly string[] {
  const texts: string[] = [];
  let next: number | undefined;
  for (const line of history.split('\n')) {
    const number = Number.parseInt(line, 10);
    if (texts.length === 0 || number === next) {
      texts.push(line);
      next = number + 1;
    } else texts.push(`${texts.pop() ?? ''}\n${line}`);
  }
  return texts;
}
