/** What a terminal shows, in whole lines, however it is cut. */
export class WholeLines {
  #rest = '';
  readonly #decoder = new TextDecoder('latin1');

  /** Of a line that is not whole yet, so many characters at its end are kept. */
  constructor(private readonly keptCharacters: number) {}

  /** Takes the next output; gives the lines that are whole by now, each with its end. */
  take(bytes: Uint8Array): string {
    const text = this.#rest + this.#decoder.decode(bytes);
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end).slice(-this.keptCharacters);
    return text.slice(0, end);
  }
}
