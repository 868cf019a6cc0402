import type { HubImageSummary } from '../../core/protocol/sandbox.ts';
import type { ImageMaking } from '../session/machine/engine.ts';
import { referencesOf } from '../session/machine/library.ts';

/** An image of the library, and what of it the engine has. */
export interface LibraryEntry {
  readonly image: HubImageSummary;
  /** The engine has an image of this name. */
  readonly isHere: boolean;
  /** What is left to download. */
  readonly missingWireBytes: number;
  /** What of it is in the engine's store by other images, unpacked. */
  readonly sharedBytes: number;
}

/** What the engine has of each image; the layers of its images may still be unknown. */
export function libraryEntries(
  images: readonly HubImageSummary[],
  references: readonly string[],
  makings: Iterable<Pick<ImageMaking, 'layers'>>,
): readonly LibraryEntry[] {
  const stored = new Set([...makings].flatMap(({ layers }) => layers.map((_, index) => placeOf(layers, index))));
  return images.map(image => {
    const digests = image.layers.map(({ digest }) => digest);
    const here = image.layers.filter((_, index) => stored.has(placeOf(digests, index)));
    const missing = image.layers.filter(layer => !here.includes(layer));
    return {
      image,
      isHere: referencesOf(image).some(reference => references.includes(reference)),
      missingWireBytes: missing.reduce((sum, { wireBytes }) => sum + wireBytes, 0),
      sharedBytes: here.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
}

/** Images of one name, which has several where they are of several versions. */
export type SameName = readonly [LibraryEntry, ...LibraryEntry[]];

/** Puts together what has one name, in the order in which the names come first. */
export function byName(entries: readonly LibraryEntry[]): readonly SameName[] {
  const groups = new Map<string, [LibraryEntry, ...LibraryEntry[]]>();
  for (const entry of entries) {
    const known = groups.get(entry.image.name);
    if (known === undefined) groups.set(entry.image.name, [entry]);
    else known.push(entry);
  }
  return [...groups.values()];
}

/** The engine finds a layer again only upon the same layers below it. */
function placeOf(layers: readonly string[], index: number): string {
  return layers.slice(0, index + 1).join();
}

/** Whether every word of a search is in an image's name, tags or description. */
export function matches({ name, tags, description }: HubImageSummary, search: string): boolean {
  const text = [name, ...tags.map(tag => `${name}:${tag}`), description].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}
