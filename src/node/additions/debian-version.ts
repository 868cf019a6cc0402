/** The order of Debian's versions (deb-version(7)): epoch, then the upstream version, then Debian's own. */

interface VersionParts {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

const VERSION = /^(?:\d+:)?\d[A-Za-z0-9.+~:-]*$/;

/** Is this a version that a package can have? */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

function partsOf(version: string): VersionParts {
  const [, epoch, rest = ''] = /^(?:(\d+):)?(.*)$/.exec(version) ?? [];
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch ?? 0),
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

/** A tilde comes before everything, even the end; letters come before all other signs. */
function weight(sign: string | undefined): number {
  if (sign === '~') return -1;
  if (sign === undefined) return 0;
  const code = sign.charCodeAt(0);
  return /[A-Za-z]/.test(sign) ? code : code + 256;
}

function compareSigns(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = weight(a[index]) - weight(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Signs that are no digits and numbers take turns. */
function compareParts(a: string, b: string): number {
  const [left, right] = [a, b].map(text => [...text.matchAll(/(\D*)(\d*)/g)]);
  for (let index = 0; index < Math.max(left!.length, right!.length); index++) {
    const [, signs = '', number = ''] = left![index] ?? [];
    const [, otherSigns = '', otherNumber = ''] = right![index] ?? [];
    const difference = compareSigns(signs, otherSigns) || Number(BigInt(number) - BigInt(otherNumber));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Below zero where `a` is the older, above where it is the newer. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  return one.epoch - other.epoch || compareParts(one.upstream, other.upstream) || compareParts(one.revision, other.revision);
}
