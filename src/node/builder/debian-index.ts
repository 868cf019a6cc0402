/** One package of Debian's index, as far as we need it. */
export interface IndexedPackage {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly essential: boolean;
  /** Each entry is a list of alternatives, first the preferred. */
  readonly dependencies: readonly (readonly string[])[];
  readonly provides: readonly string[];
}

/** Parses a Packages file (Debian policy chapter 5: paragraphs of `Field: value`). */
export function parseIndex(text: string): Map<string, IndexedPackage> {
  const packages = new Map<string, IndexedPackage>();
  for (const paragraph of text.split('\n\n')) {
    const fields = parseFields(paragraph);
    const name = fields.get('Package');
    if (name === undefined) continue;
    packages.set(name, {
      name,
      version: fields.get('Version') ?? '',
      path: fields.get('Filename') ?? '',
      sha256: fields.get('SHA256') ?? '',
      sizeBytes: Number(fields.get('Size')),
      essential: fields.get('Essential') === 'yes' || fields.get('Priority') === 'required',
      dependencies: [fields.get('Pre-Depends'), fields.get('Depends')].flatMap(parseRelations),
      provides: parseRelations(fields.get('Provides')).flat(),
    });
  }
  return packages;
}

function parseFields(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of paragraph.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith(' ')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

function parseRelations(value: string | undefined): string[][] {
  if (value === undefined) return [];
  return value.split(',').map(group => group.split('|').map(one => one.trim().replace(/[ (:].*$/, '')));
}

/** The names that `roots` need, themselves included, in alphabetical order. Names in `without` are neither taken nor followed. */
export function dependencyClosure(packages: ReadonlyMap<string, IndexedPackage>, roots: readonly string[], without: ReadonlySet<string>): string[] {
  const providers = new Map<string, string>();
  const essentialFirst = [...packages.values()].sort((a, b) => Number(b.essential) - Number(a.essential));
  for (const { name, provides } of essentialFirst) {
    for (const virtual of provides) if (!providers.has(virtual)) providers.set(virtual, name);
  }
  const resolve = (alternatives: readonly string[]) =>
    alternatives.map(one => (packages.has(one) ? one : providers.get(one))).find(one => one !== undefined);
  const taken = new Set<string>();
  const visit = (name: string) => {
    if (taken.has(name) || without.has(name)) return;
    const found = packages.get(name);
    if (found === undefined) throw new Error(`Debian's index has no package ${name}`);
    taken.add(name);
    for (const alternatives of found.dependencies) {
      const chosen = resolve(alternatives);
      if (chosen === undefined) throw new Error(`nothing provides ${alternatives.join(' | ')}, which ${name} needs`);
      visit(chosen);
    }
  };
  roots.forEach(visit);
  return [...taken].sort();
}
