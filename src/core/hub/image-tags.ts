/** What a tag says: `3.12-slim-bookworm` is a version, a small system, and which one. */
interface TagMeaning {
  readonly version: readonly number[];
  /** A small system: slim, or alpine, for which slim stands in. */
  readonly isSmall: boolean;
  readonly suite: string | undefined;
  /** What the image is for, where one name has several: apache, fpm, cli. */
  readonly roles: readonly string[];
  /** The version was written as a code name. */
  readonly isNamed: boolean;
}

/** Debian's releases; other images have them as the last word of a tag. */
const DEBIAN: Readonly<Record<string, number>> = { jessie: 8, stretch: 9, buster: 10, bullseye: 11, bookworm: 12, trixie: 13, forky: 14, sid: 14 };

/** Code names that are used instead of a version, by image. */
const CODE_NAMES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  debian: DEBIAN,
  node: { fermium: 14, gallium: 16, hydrogen: 18, iron: 20, jod: 22, krypton: 24 },
};

/** Words that change what an image is for. */
const ROLES = new Set(['apache', 'cli', 'dind', 'fpm', 'management', 'nanoserver', 'onbuild', 'windowsservercore', 'zts']);
/** The role of a tag that names none. */
const USUAL_ROLE: Readonly<Record<string, string>> = { php: 'cli', wordpress: 'apache' };

/** Without one of these it is another thing: a server less, a protocol less, another operating system. */
const DECISIVE_ROLES = new Set(['apache', 'cli', 'dind', 'fpm', 'nanoserver', 'windowsservercore']);

function meaningOf(name: string, tag: string): TagMeaning {
  const [first = '', ...others] = tag.toLowerCase().split('-');
  const codeName = CODE_NAMES[name]?.[first];
  const number = /^v?(\d+(?:\.\d+)*)/.exec(first)?.[1];
  const words = number === undefined && codeName === undefined ? [first, ...others] : others;
  const roles = words.filter(word => ROLES.has(word)).sort();
  const usual = USUAL_ROLE[name];
  return {
    version: codeName === undefined ? (number?.split('.').map(Number) ?? []) : [codeName],
    isSmall: words.some(word => /^(?:slim|alpine[\d.]*)$/.test(word)),
    suite: words.find(word => DEBIAN[word] !== undefined),
    roles: roles.length === 0 && usual !== undefined ? [usual] : roles,
    isNamed: codeName !== undefined,
  };
}

/** Tags of one image, the nearest to the asked one first; without one that is the newest with a version. */
export function rankTags(name: string, asked: string | undefined, tags: readonly string[]): readonly string[] {
  const wanted = meaningOf(name, asked ?? '');
  const known = [...new Set(tags)].map(tag => ({ tag, meaning: meaningOf(name, tag) }));
  const newest = known.map(({ meaning }) => meaning.version).reduce(newer, []);
  const ranked = known.map(({ tag, meaning }) => ({ tag, cost: costOf(meaning, wanted, newest) }));
  ranked.sort((one, other) => compare(one.cost, other.cost) || one.tag.length - other.tag.length || one.tag.localeCompare(other.tag));
  return ranked.map(({ tag }) => tag);
}

/** The first of ranked tags that say different things, at most so many: what is worth being shown. */
export function chosenTags(name: string, ranked: readonly string[], count: number): readonly string[] {
  const chosen: { readonly tag: string; readonly meaning: TagMeaning }[] = [];
  const all = ranked.map(tag => ({ tag, meaning: meaningOf(name, tag) }));
  const hasVersions = all.some(({ meaning }) => meaning.version.length > 0);
  for (const one of all) {
    const { version } = one.meaning;
    // `latest` and `3` beside `3.13` are the same again.
    const isAlias = (version.length === 0 && hasVersions) || all.some(other => other !== one && isMorePrecise(other.meaning, one.meaning));
    const isRepeated = chosen.some(({ meaning }) => saysTheSame(meaning, one.meaning));
    if (chosen.length === 0 || (!isAlias && !isRepeated)) chosen.push(one);
    if (chosen.length === count) break;
  }
  return chosen.map(({ tag }) => tag);
}

/** Whether one tag of an image does another thing than the asked one. */
export function isOtherRole(name: string, asked: string | undefined, tag: string): boolean {
  const has = meaningOf(name, tag).roles;
  return meaningOf(name, asked ?? '').roles.some(role => DECISIVE_ROLES.has(role) && !has.includes(role));
}

/** Lower is nearer, the first difference counts. */
function costOf(tag: TagMeaning, wanted: TagMeaning, newest: readonly number[]): readonly number[] {
  const version = wanted.version.length > 0 ? wanted.version : newest.slice(0, 2);
  const precision = Math.min(2, Math.max(1, wanted.version.length === 0 ? newest.length : wanted.version.length));
  return [
    wanted.roles.filter(role => !tag.roles.includes(role)).length + tag.roles.filter(role => !wanted.roles.includes(role)).length,
    distance(tag.version[0], version[0]),
    tag.version[0] === version[0] ? distance(tag.version[1], version[1]) : 0,
    tag.isSmall === wanted.isSmall ? 0 : 1,
    Math.abs(tag.version.length - precision),
    suiteCost(tag.suite, wanted.suite),
    tag.isNamed === wanted.isNamed ? 0 : 1,
    -(tag.version[1] ?? 0),
  ];
}

/** Of two as far away the newer one is nearer. */
function distance(has: number | undefined, wanted: number | undefined): number {
  if (wanted === undefined) return 0;
  if (has === undefined) return 1_000_000;
  return 2 * Math.abs(has - wanted) + (has < wanted ? 1 : 0);
}

function suiteCost(has: string | undefined, wanted: string | undefined): number {
  if (has === wanted) return 0;
  return has === undefined || wanted === undefined ? 1 : 2;
}

function newer(one: readonly number[], other: readonly number[]): readonly number[] {
  return compare(one, other) >= 0 ? one : other;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((number, index) => number !== (other[index] ?? -1));
  if (at === -1) return one.length - other.length;
  return one[at]! - (other[at] ?? -1);
}

function saysTheSame(one: TagMeaning, other: TagMeaning): boolean {
  const count = Math.min(2, one.version.length, other.version.length);
  return isSameSort(one, other) && one.version.slice(0, count).join('.') === other.version.slice(0, count).join('.');
}

function isMorePrecise(one: TagMeaning, other: TagMeaning): boolean {
  if (one.version.length > 2 || one.version.length <= other.version.length || !isSameSort(one, other)) return false;
  return other.version.every((number, index) => one.version[index] === number);
}

function isSameSort(one: TagMeaning, other: TagMeaning): boolean {
  return one.isSmall === other.isSmall && one.roles.join() === other.roles.join();
}
