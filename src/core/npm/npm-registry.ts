import { remedyOf } from '../base/download-remedy.ts';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { begun } from '../base/begun.ts';
import { readPieces, type LoadPiece } from '../base/piece-reader.ts';
import { fileResponse } from '../network/file-response.ts';
import type { HttpServerRequest, HttpServerResponse } from '../network/http-server.ts';
import { targetOf } from '../network/request-target.ts';
import { lackOf, SEALED, type Outside } from '../upstream/outside.ts';
import type { NpmUpstream } from './npm-upstream.ts';
import { tarballName, type NpmBinary, type NpmCatalog, type NpmPackage, type NpmPackages, type NpmVersion } from './npm-catalog.ts';
import { INSTALL_TYPE, packument, versionDocument } from './packument.ts';
import { RecentPieces } from './recent-pieces.ts';

/** Something that somebody asked the registry for and did not get. */
export interface NpmTrouble {
  /** True where the registry does not have it; false where it has it and could not hand it over. */
  readonly isUnknown: boolean;
  /** The package's name. */
  readonly name: string;
  /** In plain words: what was asked for, and what exists. */
  readonly message: string;
}

/** The registry as it was loaded. */
interface Loaded {
  readonly catalog: NpmCatalog;
  readonly byName: ReadonlyMap<string, NpmPackage>;
  /** By path. */
  readonly binaries: ReadonlyMap<string, NpmBinary>;
}

/** Where something lies in the registry's tarballs. */
type StoredBytes = Pick<NpmBinary, 'start' | 'bytes'>;

/** Programs that can only be made on the machine they run on, and what does instead. */
const NATIVE: Readonly<Record<string, string>> = {
  'better-sqlite3': 'It is a program that would have to be compiled. sqlite3 keeps the same databases, and is here.',
  bcrypt: 'It is a program that would have to be compiled. bcryptjs does the same, in JavaScript.',
};

/** Where compiled parts of packages are asked for, as other registries have it. */
const BINARY = '/-/binary/';

const READ_ONLY = 'The npm registry of the sandbox can only be read: nothing can be published here.';

/** The npm registry inside the page. What it consists of is loaded when it is first needed. */
export class NpmRegistry {
  readonly #load: () => Promise<Loaded>;
  readonly #pieces: RecentPieces;
  readonly #trouble = new Emitter<NpmTrouble>();
  readonly onTrouble = this.#trouble.event;
  /** Where it looks for what it lacks. */
  outside: Outside<NpmUpstream> = SEALED;

  /** `catalog` is called for each request, and again after it failed. `load` gives the pieces of the list and of tarballs. */
  constructor(catalog: () => Promise<NpmCatalog>, load: LoadPiece) {
    this.#pieces = new RecentPieces(load);
    this.#load = loadOnce(catalog, this.#pieces.load);
  }

  /** The names of the packages that were chosen, and how many there are with all that they need. */
  async summary(): Promise<string> {
    return summaryOf((await this.#load()).byName);
  }

  /** Answers a request. */
  readonly handle = async (request: HttpServerRequest): Promise<HttpServerResponse> => {
    const path = targetOf(request)?.path ?? '';
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && path.startsWith(BINARY)) return this.#binary(request, path.slice(BINARY.length));
    if (path.startsWith('/-/')) return special(request, path);
    if (!reads) return failure(405, READ_ONLY);
    const match = /^\/((?:@[^/]+\/)?[^/@][^/]*)(?:\/(-\/)?([^/]+))?$/.exec(path);
    if (match === null) return failure(404, 'This is the npm registry of the sandbox. A package is at /NAME.');
    const [name, isTarball, rest] = [match[1]!, match[2] !== undefined, match[3]];
    try {
      const loaded = await this.#load();
      const one = await this.#package(name, loaded.byName.get(name));
      if (typeof one === 'string' || one === undefined) return this.#unknown(name, loaded, one);
      if (isTarball) return await this.#tarball(request, loaded, one, rest!);
      return rest === undefined ? document(request, one) : this.#version(one, rest);
    } catch (error) {
      this.#trouble.emit({ isUnknown: false, name, message: messageOf(error) });
      // npm tries a 503 again and again, for minutes; of a 403 it prints the reason at once.
      return failure(403, messageOf(error));
    }
  };

  /** A package with the versions that are here and outside; where there is none, undefined or why that cannot be known. */
  async #package(name: string, own: NpmPackage | undefined): Promise<NpmPackage | string | undefined> {
    const { upstream } = this.outside;
    if (upstream === undefined) return own;
    try {
      const found = await upstream.package(name);
      return own === undefined || found === undefined ? (found ?? own) : together(own, found);
    } catch (error) {
      const problem = `${name} was looked for outside, without success: ${messageOf(error)}`;
      if (own === undefined) return problem;
      this.#trouble.emit({ isUnknown: false, name, message: `${problem} The sandbox's own registry answers alone.` });
      return own;
    }
  }

  #unknown(name: string, { byName }: Loaded, problem: string | undefined): HttpServerResponse {
    const why = NATIVE[name] ?? `It has ${summaryOf(byName)}.`;
    const message = `${problem ?? lackOf(`npm package ${shown(name)}`, this.outside)} ${why}`;
    this.#trouble.emit({ isUnknown: true, name, message });
    return failure(404, message);
  }

  #version(one: NpmPackage, wanted: string): HttpServerResponse {
    const name = wanted === 'latest' ? one.latest : wanted;
    const found = one.versions.find(({ version }) => version === name);
    if (found === undefined) return this.#otherVersion(one, wanted);
    return json('application/json', versionDocument(one, found));
  }

  #otherVersion(one: NpmPackage, wanted: string): HttpServerResponse {
    const there = one.versions.map(({ version }) => version).join(', ');
    const message = `This sandbox has ${one.name} ${there}, not ${shown(wanted)}. Where package-lock.json asks for it, remove that file and run npm install.`;
    this.#trouble.emit({ isUnknown: true, name: one.name, message });
    return failure(404, message);
  }

  async #tarball(request: HttpServerRequest, { catalog }: Loaded, one: NpmPackage, file: string): Promise<HttpServerResponse> {
    const found = one.versions.find(({ version }) => tarballName(one.name, version) === file);
    const wanted = file.slice(tarballName(one.name, '').length - '.tgz'.length).replace(/\.tgz$/, '');
    if (found === undefined) return this.#otherVersion(one, wanted);
    const { tarball, integrity } = found;
    if (found.upstream !== undefined) return this.#outsideTarball(request, one, found, file);
    if (tarball === undefined) return failure(404, `${one.name} ${found.version} is for another kind of computer than this one.`);
    try {
      return await this.#stored(request, catalog, tarball, integrity.slice('sha512-'.length, 'sha512-'.length + 32));
    } catch (error) {
      return this.#tarballRefusal(one, file, error);
    }
  }

  /** What lies among the tarballs. Rejects where its first piece cannot be had: a download that breaks off is tried again and again, so it is not begun. */
  async #stored(request: HttpServerRequest, { tarballs }: NpmCatalog, { start, bytes }: StoredBytes, tag: string): Promise<HttpServerResponse> {
    const read = (from: number, to: number) => readPieces(tarballs, this.#pieces.load, start + from, start + to);
    for await (const piece of read(0, bytes)) if (piece.length > 0) break;
    return fileResponse(request, { bytes, tag, headers: [['Content-Type', 'application/octet-stream']], read });
  }

  async #binary(request: HttpServerRequest, path: string): Promise<HttpServerResponse> {
    const name = path.replace(/\/.*/, '');
    try {
      const { catalog, binaries } = await this.#load();
      const found = binaries.get(path);
      if (found !== undefined) return await this.#stored(request, catalog, found, path);
      const message = `The npm registry of the sandbox has no compiled part of ${shown(name)} at ${shown(path)}, and nothing can be compiled here.`;
      this.#trouble.emit({ isUnknown: true, name, message });
      return failure(404, message);
    } catch (error) {
      const message = `The compiled part of ${shown(name)} could not be handed over: ${messageOf(error)} ${remedyOf(error, 'install it')}`;
      this.#trouble.emit({ isUnknown: false, name, message });
      return failure(403, message);
    }
  }

  async #outsideTarball({ method }: HttpServerRequest, one: NpmPackage, version: NpmVersion, file: string): Promise<HttpServerResponse> {
    try {
      const { upstream } = this.outside;
      if (upstream === undefined) throw new Error('the network was switched off.');
      const pieces = upstream.tarball(file, version);
      const content = method === 'HEAD' ? pieces : await begun(pieces);
      return { status: 200, headers: [['Content-Type', 'application/octet-stream']], body: { content } };
    } catch (error) {
      return this.#tarballRefusal(one, file, error);
    }
  }

  #tarballRefusal({ name }: NpmPackage, file: string, error: unknown): HttpServerResponse {
    const message = `${file} could not be handed over: ${messageOf(error)} ${remedyOf(error, 'install it')}`;
    this.#trouble.emit({ isUnknown: false, name, message });
    return failure(403, message);
  }
}

/** All versions of a package, the sandbox's own before those outside that are the same. */
function together(own: NpmPackage, outside: NpmPackage): NpmPackage {
  const here = new Map(own.versions.filter(({ tarball }) => tarball !== undefined).map(one => [one.version, one]));
  const versions = outside.versions.map(one => here.get(one.version) ?? one);
  const known = new Set(versions.map(({ version }) => version));
  return { ...outside, versions: [...own.versions.filter(({ version }) => !known.has(version)), ...versions] };
}

/** Loads catalog and list once; after a failure, anew. */
function loadOnce(read: () => Promise<NpmCatalog>, load: LoadPiece): () => Promise<Loaded> {
  let loaded: Promise<Loaded> | undefined;
  const start = async (): Promise<Loaded> => {
    const catalog = await read();
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of readPieces(catalog.list, load)) text += decoder.decode(piece, { stream: true });
    const { packages, binaries } = JSON.parse(text) as NpmPackages;
    const byPath = new Map(binaries.map(one => [one.path, one]));
    return { catalog, byName: new Map(packages.map(one => [one.name, one])), binaries: byPath };
  };
  return () => {
    if (loaded !== undefined) return loaded;
    const attempt = start();
    loaded = attempt;
    attempt.catch(() => (loaded = loaded === attempt ? undefined : loaded));
    return attempt;
  };
}

/** npm's questions that are about no package. */
function special({ method }: HttpServerRequest, path: string): HttpServerResponse {
  if (path === '/-/ping') return json('application/json', {});
  // npm audit: nothing is known against any version. npm would say "found 0 vulnerabilities", so it is told in the docs that nobody looked.
  if (path === '/-/npm/v1/security/advisories/bulk' && method === 'POST') return json('application/json', {});
  if (path.startsWith('/-/npm/v1/security/')) return failure(404, 'The npm registry of the sandbox knows nothing of vulnerabilities.');
  if (path.startsWith('/-/v1/search')) {
    return failure(404, 'The npm registry of the sandbox cannot be searched: npm install something, and where it is not here npm says what is.');
  }
  return failure(404, `${READ_ONLY} There are no accounts either.`);
}

function document(request: HttpServerRequest, one: NpmPackage): HttpServerResponse {
  const isShort = request.headers.get('accept')?.includes(INSTALL_TYPE) === true;
  return json(isShort ? INSTALL_TYPE : 'application/json', packument(one, isShort), [['Vary', 'Accept']]);
}

function summaryOf(byName: ReadonlyMap<string, NpmPackage>): string {
  const chosen = [...byName.values()].filter(one => one.isChosen === true).map(one => one.name);
  return `${byName.size} packages: ${chosen.join(', ')}, and what these need`;
}

/** A name as a client gave it, fit for a message. */
function shown(name: string): string {
  return /^[\w.@/~+-]{1,214}$/.test(name) ? name : 'of that name';
}

function json(type: string, value: unknown, headers: readonly (readonly [string, string])[] = []): HttpServerResponse {
  return { status: 200, headers: [['Content-Type', type], ...headers], body: JSON.stringify(value) };
}

/** npm prints the `error` of an answer that is no success. */
function failure(status: number, message: string): HttpServerResponse {
  return { status, headers: [['Content-Type', 'application/json']], body: JSON.stringify({ error: message }) };
}
