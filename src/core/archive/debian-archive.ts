import { remedyOf } from '../base/download-remedy.ts';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { lazily } from '../base/lazily.ts';
import { gathered, onePiece } from '../base/bytes.ts';
import type { Pieces } from '../base/pieces.ts';
import { readPieces, type LoadPiece } from '../base/piece-reader.ts';
import { fileResponse } from '../network/file-response.ts';
import type { HttpServerRequest, HttpServerResponse } from '../network/http-server.ts';
import { targetOf } from '../network/request-target.ts';
import { lackOf, type Outside } from '../upstream/outside.ts';
import type { DebianUpstream } from './debian-upstream.ts';
import { OutsidePackages } from './outside-packages.ts';
import { httpDate, isOfThePage, laterThan, secondsOf, signedAgain, type MadeIndex } from './signed-index.ts';
import { suiteName, type ArchiveCatalog, type ArchiveFile, type ArchiveSuite } from './archive-catalog.ts';

/** Something that apt asked the archive for and that could not be handed over. */
export interface ArchiveTrouble {
  /** The file's name. */
  readonly name: string;
  /** In plain words. */
  readonly message: string;
}

/** Debian's mirrors, whatever they are called: deb.debian.org, security.debian.org, ftp.de.debian.org. */
const HOSTS = /^([a-z0-9-]+\.)*debian\.org$/;
/** The list of a component, under its name or its digest. */
const INDEX = /^(debian(?:-security)?\/dists\/[^/]+(?:\/updates)?)\/([^/]+)\/binary-[^/]+\/(?:Packages|by-hash\/SHA256\/([0-9a-f]{64}))$/;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** Where a mirror has its files; the own ones are in a folder named after their suite. */
const OUTSIDE_POOL = /^debian\/(pool\/main\/.+)$/;

interface ServedSuite {
  readonly suite: ArchiveSuite;
  readonly pool: () => Promise<ReadonlyMap<string, ArchiveFile>>;
  readonly names: () => Promise<ReadonlySet<string>>;
  /** The own index. */
  readonly text: () => Promise<string>;
}

/** The Debian archive inside the page: what apt finds at deb.debian.org and security.debian.org. The catalog is read when it is first needed. */
export class DebianArchive {
  readonly #catalog: () => Promise<ArchiveCatalog>;
  readonly #load: LoadPiece;
  readonly #trouble = new Emitter<ArchiveTrouble>();
  readonly onTrouble = this.#trouble.event;
  readonly #outside = new OutsidePackages((name, message) => this.#trouble.emit({ name, message }));
  readonly #suites = lazily(async (): Promise<ServedSuite[]> => {
    const { suites } = await this.#catalog();
    return suites.map(suite => {
      const text = lazily(() => readText(suite.index.content, this.#load));
      return { suite, text, pool: lazily(() => readArchivePool(suite.pool, this.#load)), names: lazily(async () => namesIn(await text())) };
    });
  });

  /** `catalog` is called until it has given one. `load` gives the pieces of packages. */
  constructor(catalog: () => Promise<ArchiveCatalog>, load: LoadPiece) {
    this.#catalog = catalog;
    this.#load = load;
  }

  /** Is a host's name one of Debian's archive? */
  static serves(host: string): boolean {
    return HOSTS.test(host);
  }

  /** What it has, in a few words: `350 packages of Debian 13 (trixie)`. */
  async describe(): Promise<string> {
    return (await this.#catalog()).suites.map(suite => `${suite.packages} packages of ${suiteName(suite)}`).join(', ');
  }

  /** Where it looks for what it lacks. */
  set outside(outside: Outside<DebianUpstream>) {
    this.#outside.outside = outside;
  }

  /** Gives, whenever an index is made, names of packages that somebody may have apt install: they are in it then, if the mirror has them. */
  set wishes(wishes: () => Iterable<string>) {
    this.#outside.wishes = wishes;
  }

  /** Somebody is about to have apt install these. */
  want(names: Iterable<string>): void {
    this.#outside.want(names);
  }

  /** The suites that have a package of this name among the sandbox's own. */
  async suitesWith(name: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { suite, names } of await this.#suites()) if ((await names()).has(name)) found.push(suiteName(suite));
    return found;
  }

  /** Why apt does not find a package, and what to do. From then on the index has it, if the mirror does. */
  async explainUnknown(name: string): Promise<string> {
    const { outside } = this.#outside;
    const own = await this.suitesWith(name);
    if (outside.upstream !== undefined) {
      const { host } = outside.upstream;
      const added = this.#outside.suitesThatGet(name);
      if (added.length > 0) {
        const suites = await this.#namesOf(added);
        return `${host} has ${name} for ${suites}. apt's list left it out to stay short. Now the list has it: run apt-get update and the installation again, or build again.`;
      }
      const suites = await this.#namesOf(this.#outside.suitesWith(name));
      if (suites !== '') return runUpdate(name, suites);
      const providers = this.#outside.providersOf(name);
      if (providers.length > 0)
        return `${name} is a name that several packages of Debian provide: install one of them, like ${providers.join(', ')}.`;
      if (own.length === 0 && !this.#outside.isOffered) {
        return `apt does not find ${name}. Its list is from before the network was switched on: run apt-get update again, to get what ${host} has.`;
      }
    }
    if (own.length > 0) return runUpdate(name, own.join(' and '));
    return `${lackOf(`Debian package ${name}`, outside)} After apt-get update, apt-cache search . lists what apt has.`;
  }

  async #namesOf(codenames: readonly string[]): Promise<string> {
    const suites = (await this.#suites()).map(({ suite }) => suite).filter(({ codename }) => codenames.includes(codename));
    return suites.map(suiteName).join(' and ');
  }

  /** Answers a request. */
  readonly handle = async (request: HttpServerRequest): Promise<HttpServerResponse> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { ...plain(405, 'This archive is read-only.'), headers: [['Allow', 'GET, HEAD']] };
    }
    const path = (targetOf(request)?.path ?? '').replaceAll(/\/+/g, '/').replace(/^\//, '');
    try {
      return await this.#answer(request, path);
    } catch (error) {
      return this.#tellOfFailure(path, error);
    }
  };

  async #answer(request: HttpServerRequest, path: string): Promise<HttpServerResponse> {
    const { modified } = await this.#catalog();
    for (const served of await this.#suites()) {
      const release = served.suite.releases[path];
      if (release !== undefined) return this.#release(request, served, release, modified);
    }
    const index = await this.#index(request, path, modified);
    return (
      index ?? (await this.#fromPool(request, path, modified)) ?? (await this.#fromOutside(request, path)) ?? plain(404, await this.#missing(path))
    );
  }

  /** A release: as it was signed when the site was built, or, while there is a mirror, signed anew for the index that has its packages. */
  async #release(request: HttpServerRequest, { suite, text }: ServedSuite, release: string, modified: string): Promise<HttpServerResponse> {
    const known = secondsOf(request.headers.get('if-modified-since'));
    const isMain = release.includes(suite.index.sha256);
    const index = isMain ? await this.#outside.index(suite, text) : undefined;
    if (index !== undefined) return indexedRelease(release, suite, index, known);
    if (!isMain || !isOfThePage(known)) {
      const isKnown = request.headers.get('if-modified-since') === modified;
      return isKnown ? { status: 304 } : { status: 200, headers: [['Last-Modified', modified]], body: release };
    }
    // apt has a later one, from when there was a mirror: the own one must be later still.
    const seconds = laterThan(known, Date.now());
    return { status: 200, headers: [['Last-Modified', httpDate(seconds)]], body: signedAgain(release, suite.index, seconds) };
  }

  /** A list of packages. */
  async #index(request: HttpServerRequest, path: string, modified: string): Promise<HttpServerResponse | undefined> {
    const [, folder, component, sha256] = INDEX.exec(path) ?? [];
    if (folder === undefined) return undefined;
    const made = sha256 === undefined ? undefined : this.#outside.indexOf(sha256);
    if (made !== undefined) return madeFile(request, made);
    for (const { suite } of await this.#suites()) {
      const isNamed = component === 'main' && suite.releases[`${folder}/InRelease`]?.includes(suite.index.sha256) === true;
      const isOwn = isNamed || suite.index.path === path;
      if (isOwn && (sha256 ?? suite.index.sha256) === suite.index.sha256) return this.#file(request, suite.index, modified);
      if (isOwn) return plain(404, 'That list of packages is no longer here: run apt-get update again.');
    }
    if ((sha256 ?? EMPTY_SHA256) !== EMPTY_SHA256) return undefined;
    return { status: 200, headers: [['Last-Modified', modified]], body: new Uint8Array() };
  }

  async #fromPool(request: HttpServerRequest, path: string, modified: string): Promise<HttpServerResponse | undefined> {
    const codename = /^debian\/pool\/([^/]+)\//.exec(path)?.[1];
    const served = (await this.#suites()).find(({ suite }) => suite.codename === codename);
    const file = (await served?.pool())?.get(path);
    return file && this.#file(request, file, modified);
  }

  /** A package of the mirror's. */
  async #fromOutside(request: HttpServerRequest, path: string): Promise<HttpServerResponse | undefined> {
    const wanted = OUTSIDE_POOL.exec(path)?.[1];
    if (wanted === undefined) return undefined;
    const { outside } = this.#outside;
    const name = wanted.slice(wanted.lastIndexOf('/') + 1);
    if (outside.upstream === undefined) return plain(403, await this.#refusal(name.replace(/_.*$/, '')));
    try {
      const file = await this.#outside.file(
        wanted,
        (await this.#suites()).map(({ suite }) => suite.codename),
      );
      if (file === undefined) return plain(404, `${outside.upstream.host} no longer has ${name}: run apt-get update again.`);
      const content = request.method === 'HEAD' ? onePiece(new Uint8Array()) : this.#told(name, await file.content());
      return { status: 200, headers: [['Content-Type', 'application/octet-stream']], body: { bytes: file.bytes, content } };
    } catch (error) {
      // Not a 5xx, which apt would try again and again.
      return { ...this.#tellOfFailure(name, error), status: 403 };
    }
  }

  /** Why a package of the mirror is not fetched while there is no mirror. */
  async #refusal(name: string): Promise<string> {
    const own = await this.suitesWith(name);
    if (own.length === 0) return lackOf(`Debian package ${name}`, this.#outside.outside);
    return `apt's list is from when the network was on. Run apt-get update: the sandbox has a ${name} of its own.`;
  }

  /** The same pieces; that they break off is told. */
  async *#told(name: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* pieces;
    } catch (error) {
      this.#tellOfFailure(name, error);
      throw error;
    }
  }

  async #missing(path: string): Promise<string> {
    const suites = (await this.#suites()).map(({ suite }) => suiteName(suite)).join(', ');
    const suite = /\/dists\/([^/]+)/.exec(path)?.[1];
    const what = suite === undefined ? `no file ${path}` : `no suite ${suite}`;
    return `The Debian archive of this sandbox has ${what}. It has some packages of ${suites}: use one of these as the image to build on.`;
  }

  #file(request: HttpServerRequest, file: ArchiveFile, modified: string): HttpServerResponse {
    if (request.headers.get('if-modified-since') === modified && request.headers.get('range') === undefined) return { status: 304 };
    return fileResponse(request, {
      bytes: file.content.bytes,
      tag: file.sha256,
      headers: [
        ['Content-Type', 'application/octet-stream'],
        ['Last-Modified', modified],
      ],
      read: (start, end) => this.#read(file, start, end),
    });
  }

  async *#read(file: ArchiveFile, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* readPieces(file.content, this.#load, start, end);
    } catch (error) {
      this.#tellOfFailure(file.path, error);
      throw error;
    }
  }

  #tellOfFailure(path: string, error: unknown): HttpServerResponse {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const message = `${name} could not be delivered: ${messageOf(error)} ${remedyOf(error, 'run apt again')}`;
    this.#trouble.emit({ name, message });
    return { ...plain(503, message), reason: message.replaceAll(/[^\x20-\x7e]/g, ' ') };
  }
}

async function readText(content: Pieces, load: LoadPiece): Promise<string> {
  return new TextDecoder().decode(await gathered(readPieces(content, load)));
}

function namesIn(index: string): ReadonlySet<string> {
  return new Set([...index.matchAll(/^Package: (.*)$/gm)].map(match => match[1]!));
}

function runUpdate(name: string, suites: string): string {
  return `apt does not find ${name}, which this sandbox has for ${suites}: run apt-get update first, in a Dockerfile in the same RUN line.`;
}

/** A release that names an index of the page's making. `known` is the time of what apt has, which must not be the later one. */
function indexedRelease(release: string, { index: own }: ArchiveSuite, index: MadeIndex, known: number | undefined): HttpServerResponse {
  if (known === index.seconds) return { status: 304 };
  if (known !== undefined && known > index.seconds) index.seconds = laterThan(known, Date.now());
  return { status: 200, headers: [['Last-Modified', httpDate(index.seconds)]], body: signedAgain(release, own, index.seconds, index) };
}

function madeFile(request: HttpServerRequest, { bytes, seconds, sha256 }: MadeIndex): HttpServerResponse {
  return fileResponse(request, {
    bytes: bytes.length,
    tag: sha256,
    headers: [
      ['Content-Type', 'application/octet-stream'],
      ['Last-Modified', httpDate(seconds)],
    ],
    read: (start, end) => onePiece(bytes.subarray(start, end)),
  });
}

/** The packages of a suite by their path. `load` gives the list's pieces. */
export async function readArchivePool(pool: Pieces, load: LoadPiece): Promise<ReadonlyMap<string, ArchiveFile>> {
  const files = JSON.parse(await readText(pool, load)) as readonly ArchiveFile[];
  return new Map(files.map(file => [file.path, file]));
}

function plain(status: number, message: string): HttpServerResponse {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], reason: message.replaceAll(/[^\x20-\x7e]/g, ' '), body: `${message}\n` };
}
