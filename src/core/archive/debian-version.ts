/**
 * Compares two versions of Debian packages: below 0 where the first is the older, 0 where neither is (Debian policy, 5.6.12; deb-version(7)).
 */
export function compareVersions(first: string, second: string): number {
  const [one, two] = [partsOf(first), partsOf(second)];
  return one.epoch - two.epoch || compareParts(one.upstream, two.upstream) || compareParts(one.revision, two.revision);
}

function partsOf(version: string): { readonly epoch: number; readonly upstream: string; readonly revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

/** Runs of other characters and runs of digits are compared by turns. */
function compareParts(first: string, second: string): number {
  const [one, two] = [runsOf(first), runsOf(second)];
  for (let index = 0; index < Math.max(one.length, two.length); index++) {
    const [left, right] = [one[index] ?? '', two[index] ?? ''];
    const order = index % 2 === 0 ? compareText(left, right) : compareDigits(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** Always beginning with one of other characters. */
function runsOf(part: string): readonly string[] {
  const runs: readonly string[] = part.match(/\D+|\d+/g) ?? [];
  return /^\d/.test(part) ? ['', ...runs] : runs;
}

/** As numbers of any length: some versions are dates with more digits than a number here holds. */
function compareDigits(first: string, second: string): number {
  const [one, two] = [first, second].map(digits => digits.replace(/^0+/, '')) as [string, string];
  return one.length - two.length || (one < two ? -1 : one > two ? 1 : 0);
}

function compareText(first: string, second: string): number {
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const order = weightOf(first[index]) - weightOf(second[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde comes before the end, letters before all else. */
function weightOf(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

const VERSION = /^(?:\d+:)?\d[A-Za-z0-9.+~:-]*$/;

/** Is this a version that a package can have? */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}
