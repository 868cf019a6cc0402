import { remedyOf } from '../base/download-remedy.ts';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { lazily } from '../base/lazily.ts';
import { joined } from '../base/bytes.ts';
import type { Pieces } from '../base/pieces.ts';
import { readPieces, type LoadPiece } from '../base/piece-reader.ts';
import { fileResponse } from '../network/file-response.ts';
import type { HttpServerRequest, HttpServerResponse } from '../network/http-server.ts';
import { targetOf } from '../network/request-target.ts';
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
const EMPTY_INDEX = /^(debian(?:-security)?\/dists\/[^/]+(?:\/updates)?)\/[^/]+\/binary-[^/]+\/Packages$/;

interface ServedSuite {
  readonly suite: ArchiveSuite;
  readonly pool: () => Promise<ReadonlyMap<string, ArchiveFile>>;
  readonly names: () => Promise<ReadonlySet<string>>;
}

/** The Debian archive inside the page: what apt finds at deb.debian.org and security.debian.org. The catalog is read when it is first needed. */
export class DebianArchive {
  readonly #catalog: () => Promise<ArchiveCatalog>;
  readonly #load: LoadPiece;
  readonly #trouble = new Emitter<ArchiveTrouble>();
  readonly onTrouble = this.#trouble.event;
  readonly #suites = lazily(async (): Promise<ServedSuite[]> => {
    const { suites } = await this.#catalog();
    return suites.map(suite => ({
      suite,
      pool: lazily(() => readArchivePool(suite.pool, this.#load)),
      names: lazily(() => readNames(suite, this.#load)),
    }));
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

  /** The suites that have a package of this name. */
  async suitesWith(name: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { suite, names } of await this.#suites()) if ((await names()).has(name)) found.push(suiteName(suite));
    return found;
  }

  /** Answers a request. */
  readonly handle = async (request: HttpServerRequest): Promise<HttpServerResponse> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { ...plain(405, 'This archive can only be read.'), headers: [['Allow', 'GET, HEAD']] };
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
    const isKnown = request.headers.get('if-modified-since') === modified;
    for (const served of await this.#suites()) {
      const release = served.suite.releases[path];
      if (release !== undefined) return isKnown ? { status: 304 } : { status: 200, headers: [['Last-Modified', modified]], body: release };
      if (served.suite.index.path === path) return this.#file(request, served.suite.index, modified);
    }
    if (EMPTY_INDEX.test(path)) return { status: 200, headers: [['Last-Modified', modified]], body: new Uint8Array() };
    return (await this.#fromPool(request, path, modified)) ?? plain(404, await this.#missing(path));
  }

  async #fromPool(request: HttpServerRequest, path: string, modified: string): Promise<HttpServerResponse | undefined> {
    const codename = /^debian\/pool\/([^/]+)\//.exec(path)?.[1];
    const served = (await this.#suites()).find(({ suite }) => suite.codename === codename);
    const file = (await served?.pool())?.get(path);
    return file && this.#file(request, file, modified);
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
    const message = `${name} could not be handed over: ${messageOf(error)} ${remedyOf(error, 'run apt again')}`;
    this.#trouble.emit({ name, message });
    return { ...plain(503, message), reason: message.replaceAll(/[^\x20-\x7e]/g, ' ') };
  }
}

async function readText(content: Pieces, load: LoadPiece): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of readPieces(content, load)) parts.push(part);
  return new TextDecoder().decode(joined(...parts));
}

async function readNames({ index }: ArchiveSuite, load: LoadPiece): Promise<ReadonlySet<string>> {
  const text = await readText(index.content, load);
  return new Set([...text.matchAll(/^Package: (.*)$/gm)].map(match => match[1]!));
}

/** The packages of a suite by their path. `load` gives the list's pieces. */
export async function readArchivePool(pool: Pieces, load: LoadPiece): Promise<ReadonlyMap<string, ArchiveFile>> {
  const files = JSON.parse(await readText(pool, load)) as readonly ArchiveFile[];
  return new Map(files.map(file => [file.path, file]));
}

function plain(status: number, message: string): HttpServerResponse {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], reason: message.replaceAll(/[^\x20-\x7e]/g, ' '), body: `${message}\n` };
}
