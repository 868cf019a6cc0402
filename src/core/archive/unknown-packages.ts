/** What apt says of a package that its lists do not have. It never asks the archive for such a one, so its words are the only sign. */
const WORDS = 'Unable to locate package ';
const SENTENCE = /E: Unable to locate package ([a-z0-9][a-z0-9+.:-]{0,100})/g;
/** More than the sentence with the longest name. */
const KEPT_CHARACTERS = 200;

/** Finds the names of packages that apt did not find in what a terminal shows, however it is cut. */
export class UnknownPackages {
  #rest = '';
  readonly #decoder = new TextDecoder('latin1');

  /** Takes the next output; gives the names in lines that are whole by now. */
  take(bytes: Uint8Array): string[] {
    const text = this.#rest + this.#decoder.decode(bytes);
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end).slice(-KEPT_CHARACTERS);
    const lines = text.slice(0, end);
    return lines.includes(WORDS) ? [...lines.matchAll(SENTENCE)].map(match => match[1]!) : [];
  }
}
