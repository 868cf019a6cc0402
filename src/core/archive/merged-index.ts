import { compareVersions } from './debian-version.ts';
import { fieldOf, needsOf, type DebianList } from './debian-list.ts';
import { USUAL_PACKAGES } from './usual-packages.ts';

/** The field of the own packages that the builder made (src/node/builder/archive/repack-deb.ts). */
const REPACKED = '\nDrydock-Repacked: yes\n';

/** An index of the own packages and some of Debian's. */
export interface MergedIndex {
  readonly text: string;
  /** The packages in it. */
  readonly names: ReadonlySet<string>;
}

/**
 * The own index with packages of Debian's: those that are usual, those that somebody wants, and whatever one of them needs. All of Debian's would cost the
 * guest twenty times as much (docs/network.md). A package that is here is not taken from there, unless it replaces an older one that the builder made:
 * packages of the same source often need each other in the very same version. What an instructor has added stays as it is.
 */
export function mergeIndex(own: string, list: DebianList, wanted: Iterable<string>): MergedIndex {
  const { paragraphs, outdated } = ownParagraphs(own, list);
  const waiting = [...USUAL_PACKAGES, ...wanted].flatMap(name => list.named(name));
  const take = (name: string, paragraph: string): void => {
    addTo(paragraphs, name, paragraph);
    for (const alternatives of needsOf(paragraph)) waiting.push(...chosenOf(alternatives, paragraphs, list));
  };
  for (const name of outdated) take(name, list.paragraph(name)!);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const paragraph = list.paragraph(name);
    if (paragraph !== undefined && !paragraphs.has(name)) take(name, paragraph);
  }
  const names = [...paragraphs.keys()].sort();
  return { text: names.flatMap(name => paragraphs.get(name)!).join('\n'), names: new Set(names) };
}

/** The own packages that stay, by name, and the names of those that Debian has newer. */
function ownParagraphs(own: string, list: DebianList): { readonly paragraphs: Map<string, string[]>; readonly outdated: ReadonlySet<string> } {
  const paragraphs = new Map<string, string[]>();
  const outdated = new Set<string>();
  for (const paragraph of own.split(/\n\n+/).map(one => `${one.trimEnd()}\n`)) {
    const name = fieldOf(paragraph, 'Package');
    if (name === undefined) continue;
    if (paragraph.includes(REPACKED) && isNewer(list.version(name), fieldOf(paragraph, 'Version'))) outdated.add(name);
    else addTo(paragraphs, name, paragraph);
  }
  return { paragraphs, outdated };
}

function addTo(paragraphs: Map<string, string[]>, name: string, paragraph: string): void {
  paragraphs.set(name, [...(paragraphs.get(name) ?? []), paragraph]);
}

function isNewer(version: string | undefined, own: string | undefined): boolean {
  return version !== undefined && own !== undefined && compareVersions(version, own) > 0;
}

/** What apt would take: one that is there already, else the first that exists. Of those that only provide the name, the first. */
function chosenOf(alternatives: readonly string[], paragraphs: ReadonlyMap<string, unknown>, list: DebianList): readonly string[] {
  if (alternatives.some(name => paragraphs.has(name))) return [];
  for (const alternative of alternatives) {
    const named = list.named(alternative);
    if (named.some(name => paragraphs.has(name))) return [];
    if (named.length > 0) return named.slice(0, 1);
  }
  return [];
}
