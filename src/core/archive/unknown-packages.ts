import { WholeLines } from './whole-lines.ts';

/**
 * What apt says of a package that its lists do not have: the second where another package names it. It never asks the archive for such a one, so its words are
 * the only sign. `apt` of Debian 13 says "Error" where `apt-get` says "E", in colour.
 */
const WORDS = /Unable to locate package |has no installation candidate/;
const SENTENCE =
  // eslint-disable-next-line no-control-regex -- a colour's sequence begins with one
  /(?:E|Error): (?:\x1b\[[0-9;]*m)*(?:Unable to locate package ([a-z0-9][a-z0-9+.:-]{0,100})|Package '([a-z0-9][a-z0-9+.:-]{0,100})' has no installation candidate)/g;
/** More than the sentence with the longest name. */
const KEPT_CHARACTERS = 200;

/** Finds the names of packages that apt did not find in what a terminal shows, however it is cut. */
export class UnknownPackages {
  readonly #lines = new WholeLines(KEPT_CHARACTERS);

  /** Takes the next output; gives the names in lines that are whole by now. */
  take(bytes: Uint8Array): string[] {
    const lines = this.#lines.take(bytes);
    return WORDS.test(lines) ? [...lines.matchAll(SENTENCE)].map(match => (match[1] ?? match[2])!) : [];
  }
}
