import { begun } from '../base/begun.ts';
import { messageOf, withTimeout } from '../base/errors.ts';
import { SEALED, type Outside } from '../upstream/outside.ts';
import type { DebianFile, DebianList } from './debian-list.ts';
import type { DebianUpstream } from './debian-upstream.ts';
import { mergeIndex } from './merged-index.ts';
import { madeIndex, type MadeIndex } from './signed-index.ts';
import { suiteName, type ArchiveSuite } from './archive-catalog.ts';

/** apt gives up after 30 seconds without an answer. */
const LIST_MILLISECONDS = 20_000;
/** So many names are remembered; of more, those that came last. */
const MOST_WANTED = 500;
/** So many indexes can still be fetched by who has the release that names them. */
const KEPT_INDEXES = 6;

interface Offered {
  readonly list: DebianList;
  /** What somebody wanted then. */
  readonly wanted: string;
  readonly index: MadeIndex;
}

/** What the archive offers of a mirror's packages: an index for each suite, and the files. */
export class OutsidePackages {
  #outside: Outside<DebianUpstream> = SEALED;
  readonly #offered = new Map<string, Offered>();
  readonly #indexes: MadeIndex[] = [];
  readonly #wanted = new Set<string>();
  /** Names in what is there to be read by the sandbox: somebody may have apt install these. */
  wishes: () => Iterable<string> = () => [];

  /** `tell` takes in words why a mirror is of no use at the moment. */
  constructor(private readonly tell: (suite: string, message: string) => void) {}

  get outside(): Outside<DebianUpstream> {
    return this.#outside;
  }

  set outside(outside: Outside<DebianUpstream>) {
    this.#outside = outside;
    this.#offered.clear();
  }

  /** Somebody wants these packages, if there are any of that name. */
  want(names: Iterable<string>): void {
    for (const name of names) {
      this.#wanted.delete(name);
      this.#wanted.add(name);
    }
    for (const name of this.#wanted) if (this.#wanted.size > MOST_WANTED) this.#wanted.delete(name);
  }

  /** The index that a suite has by the mirror; undefined where there is no mirror now, or none of use, which is told. */
  async index(suite: ArchiveSuite, readOwn: () => Promise<string>): Promise<MadeIndex | undefined> {
    const { upstream } = this.#outside;
    if (upstream === undefined) return undefined;
    try {
      const list = await this.#list(upstream, suite.codename);
      if (list !== undefined && this.#outside.upstream === upstream) return this.#offer(suite.codename, list, await readOwn());
      if (list === undefined) this.tell(suite.codename, `${upstream.host} has no ${suiteName(suite)}. ${ALONE}`);
    } catch (error) {
      this.tell(suite.codename, `Debian's list of packages could not be fetched from outside: ${messageOf(error)} ${ALONE}`);
    }
    return undefined;
  }

  /** An index that was handed out lately. */
  indexOf(sha256: string): MadeIndex | undefined {
    return this.#indexes.find(index => index.sha256 === sha256);
  }

  /** Has a package of this name been in the index of a suite that was handed out last? */
  suitesWith(name: string): readonly string[] {
    return [...this.#offered].flatMap(([codename, { index }]) => (index.names.has(name) ? [codename] : []));
  }

  /** Takes note of a wish; gives the suites whose next index has the package and whose last did not. */
  suitesThatGet(name: string): readonly string[] {
    this.want([name]);
    return [...this.#offered].flatMap(([codename, { index, list }]) => (list.named(name).some(one => !index.names.has(one)) ? [codename] : []));
  }

  /** The packages that provide a name which is no package's own. */
  providersOf(name: string): readonly string[] {
    return [...new Set([...this.#offered.values()].flatMap(({ list }) => (list.has(name) ? [] : list.named(name))))];
  }

  /** Whether anybody got an index of the mirror's since the network was switched on. */
  get isOffered(): boolean {
    return this.#offered.size > 0;
  }

  /** The file at a path of the mirror, with its content; undefined where no suite has it. Rejects with a WebError. */
  async file(path: string, codenames: readonly string[]): Promise<(DebianFile & { content(): Promise<AsyncIterable<Uint8Array>> }) | undefined> {
    const { upstream } = this.#outside;
    const name = /\/([^/_]+)_[^/]*\.deb$/.exec(path)?.[1];
    if (upstream === undefined || name === undefined) return undefined;
    // Lists that are here already are looked at before others are fetched.
    for (const codename of [...codenames].sort((one, two) => Number(this.#offered.has(two)) - Number(this.#offered.has(one)))) {
      const file = (await this.#list(upstream, codename))?.file(name);
      if (file?.filename === path) return { ...file, content: () => begun(upstream.file(file)) };
    }
    return undefined;
  }

  #list(upstream: DebianUpstream, codename: string): Promise<DebianList | undefined> {
    const message = `${upstream.host} is still sending it: run apt-get update again in a while.`;
    return withTimeout(upstream.list(codename), LIST_MILLISECONDS, message);
  }

  #offer(codename: string, list: DebianList, own: string): MadeIndex {
    this.want(this.wishes());
    const names = [...this.#wanted].filter(name => list.named(name).length > 0).sort();
    const wanted = names.join(' ');
    const before = this.#offered.get(codename);
    if (before?.list === list && before.wanted === wanted) return before.index;
    const index = madeIndex(mergeIndex(own, list, names), Date.now());
    this.#offered.set(codename, { list, wanted, index });
    this.#indexes.push(index);
    if (this.#indexes.length > KEPT_INDEXES) this.#indexes.shift();
    return index;
  }
}

const ALONE = "apt gets the sandbox's own packages alone.";
