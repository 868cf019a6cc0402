import { compareVersions } from './debian-version.ts';
import { detached, TextStore } from './text-store.ts';

/** What apt needs of a package to choose, to fetch and to show it (wiki.debian.org/DebianRepository/Format). What it recommends is left out, as in the own archive. */
const FIELDS = new Set([
  ...['Package', 'Version', 'Architecture', 'Multi-Arch', 'Essential', 'Installed-Size', 'Section', 'Priority', 'Provides'],
  ...['Pre-Depends', 'Depends', 'Conflicts', 'Breaks', 'Replaces', 'Description', 'Filename', 'Size', 'SHA256'],
]);

/** Some names have a hundred providers. */
const MOST_PROVIDERS = 8;

/** A package's file at the mirror. */
export interface DebianFile {
  /** Below the mirror: `pool/main/c/cowsay/cowsay_3.03+dfsg2-8_all.deb`. */
  readonly filename: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** One thing that a package needs: the packages that would do, in the order in which the package prefers them. */
export type Alternatives = readonly string[];

/** All packages of a suite of Debian, each as a paragraph of Packages with the fields above. */
export class DebianList {
  readonly #paragraphs = new TextStore();
  /** The packages that provide a name. */
  readonly #providers = new Map<string, string[]>();

  /** Reads the pieces of a Packages file as they come. */
  static async read(pieces: AsyncIterable<Uint8Array>): Promise<DebianList> {
    const list = new DebianList();
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of pieces) {
      const paragraphs = (rest + decoder.decode(piece, { stream: true })).split('\n\n');
      rest = paragraphs.pop()!;
      for (const paragraph of paragraphs) list.#add(paragraph);
    }
    list.#add(rest + decoder.decode());
    return list;
  }

  get size(): number {
    return this.#paragraphs.size;
  }

  has(name: string): boolean {
    return this.#paragraphs.has(name);
  }

  /** A package's paragraph, with a newline at its end. */
  paragraph(name: string): string | undefined {
    return this.#paragraphs.get(name);
  }

  version(name: string): string | undefined {
    const paragraph = this.#paragraphs.get(name);
    return paragraph && fieldOf(paragraph, 'Version');
  }

  /** The packages that have a name: itself, else those that provide it, or some of them. */
  named(name: string): readonly string[] {
    return this.#paragraphs.has(name) ? [name] : (this.#providers.get(name)?.slice(0, MOST_PROVIDERS) ?? []);
  }

  /** The file of a package. */
  file(name: string): DebianFile | undefined {
    const paragraph = this.#paragraphs.get(name);
    if (paragraph === undefined) return undefined;
    const [filename, size, sha256] = ['Filename', 'Size', 'SHA256'].map(field => fieldOf(paragraph, field) ?? '');
    return { filename: filename!, bytes: Number(size), sha256: sha256! };
  }

  #add(paragraph: string): void {
    const lines = paragraph.split('\n').filter(line => FIELDS.has(line.slice(0, line.indexOf(':'))));
    const kept = `${lines.join('\n')}\n`;
    const [name, version] = [fieldOf(kept, 'Package'), fieldOf(kept, 'Version')];
    // Without these apt could not fetch it, and nobody could check it.
    if (name === undefined || version === undefined || !/^Filename: \S/m.test(kept) || !/^SHA256: [0-9a-f]{64}$/m.test(kept)) return;
    const other = this.version(name);
    if (other !== undefined && compareVersions(other, version) >= 0) return;
    this.#paragraphs.set(name, kept);
    for (const provided of namesOf(fieldOf(kept, 'Provides') ?? '')) this.#addProvider(detached(provided), detached(name));
  }

  #addProvider(provided: string, name: string): void {
    const providers = this.#providers.get(provided);
    if (providers === undefined) this.#providers.set(provided, [name]);
    else if (!providers.includes(name)) providers.push(name);
  }
}

/** A field of a paragraph that has one line. */
export function fieldOf(paragraph: string, field: string): string | undefined {
  return new RegExp(`^${field}: (.*)$`, 'm').exec(paragraph)?.[1];
}

/** What a package needs. */
export function needsOf(paragraph: string): readonly Alternatives[] {
  return ['Pre-Depends', 'Depends'].flatMap(field =>
    (fieldOf(paragraph, field) ?? '')
      .split(',')
      .map(one => namesOf(one, '|'))
      .filter(one => one.length > 0),
  );
}

/** Names of packages without versions and architectures: `libc6 (>= 2.38), perl:any`. */
function namesOf(text: string, separator = ','): readonly string[] {
  return text.split(separator).flatMap(one => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(one)?.[1] ?? []);
}
