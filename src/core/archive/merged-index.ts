import { compareVersions } from './debian-version.ts';
import { fieldOf, needsOf, type DebianList } from './debian-list.ts';
import { USUAL_PACKAGES } from './usual-packages.ts';

/** An index of the own packages and some of Debian's. */
export interface MergedIndex {
  readonly text: string;
  /** The packages in it. */
  readonly names: ReadonlySet<string>;
}

/**
 * The own index with packages of Debian's: those that are usual, those that somebody wants, and whatever one of them needs. All of Debian's would cost the
 * guest twenty times as much (docs/network.md). Each package is there once: the own one, unless Debian has a newer version. Packages of the same source
 * often need each other in the very same version, so an old one beside the new could not be installed.
 */
export function mergeIndex(own: string, list: DebianList, wanted: Iterable<string>): MergedIndex {
  const paragraphs = new Map<string, string>();
  const waiting = [...USUAL_PACKAGES, ...wanted].flatMap(name => list.named(name));
  for (const paragraph of own.split(/\n\n+/)) {
    const name = fieldOf(paragraph, 'Package');
    if (name === undefined) continue;
    if (isNewer(list.version(name), fieldOf(paragraph, 'Version'))) waiting.push(name);
    else paragraphs.set(name, paragraph.endsWith('\n') ? paragraph : `${paragraph}\n`);
  }
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const paragraph = list.paragraph(name);
    if (paragraph === undefined || paragraphs.has(name)) continue;
    paragraphs.set(name, paragraph);
    for (const alternatives of needsOf(paragraph)) waiting.push(...chosenOf(alternatives, paragraphs, list));
  }
  const names = [...paragraphs.keys()].sort();
  return { text: names.map(name => paragraphs.get(name)!).join('\n'), names: new Set(names) };
}

function isNewer(version: string | undefined, own: string | undefined): boolean {
  return version !== undefined && own !== undefined && compareVersions(version, own) > 0;
}

/** What apt would take: one that is there already, else the first that exists. Of those that only provide the name, the first. */
function chosenOf(alternatives: readonly string[], paragraphs: ReadonlyMap<string, string>, list: DebianList): readonly string[] {
  if (alternatives.some(name => paragraphs.has(name))) return [];
  for (const alternative of alternatives) {
    const named = list.named(alternative);
    if (named.some(name => paragraphs.has(name))) return [];
    if (named.length > 0) return named.slice(0, 1);
  }
  return [];
}
