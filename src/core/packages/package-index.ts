import { remedyOf } from '../base/download-remedy.ts';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import { begun } from '../base/begun.ts';
import { readPieces, type LoadPiece } from '../base/piece-reader.ts';
import { fileResponse } from '../network/file-response.ts';
import type { HttpServerRequest, HttpServerResponse } from '../network/http-server.ts';
import { targetOf } from '../network/request-target.ts';
import type { PackageCatalog, PackageFile, PackageProject } from './package-catalog.ts';
import { lackOf, SEALED, type Outside } from '../upstream/outside.ts';
import { projectOfFile, type PypiUpstream, type UpstreamProject } from './pypi-upstream.ts';
import { normalizedName } from './project-name.ts';
import { projectPage, rootPage, typeFor, type ListedFile, type SimplePage } from './simple-page.ts';

/** Something that somebody asked the index for and did not get. */
export interface PackageTrouble {
  /** True where the index does not have it; false where it has it and could not hand it over. */
  readonly isUnknown: boolean;
  /** The project's name, normalized, or the file's. */
  readonly name: string;
  /** In plain words: what was asked for, and what exists. */
  readonly message: string;
}

/** The Python package index inside the page (PEP 503, 691, 700). The catalog is read when it is first needed. */
export class PackageIndex {
  readonly #catalog: () => Promise<PackageCatalog>;
  readonly #load: LoadPiece;
  readonly #trouble = new Emitter<PackageTrouble>();
  readonly onTrouble = this.#trouble.event;
  /** Where it looks for what it lacks. */
  outside: Outside<PypiUpstream> = SEALED;

  /** `catalog` is called for each request, and again after it failed. `load` gives the pieces of wheels. */
  constructor(catalog: () => Promise<PackageCatalog>, load: LoadPiece) {
    this.#catalog = catalog;
    this.#load = load;
  }

  /** Answers a request. */
  readonly handle = async (request: HttpServerRequest): Promise<HttpServerResponse> => {
    const target = targetOf(request);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { ...plain(405, 'This package index is read-only.'), headers: [['Allow', 'GET, HEAD']] };
    }
    const match = /^\/(simple|packages)\/([^/]*)(\/?)$/.exec(target?.path ?? '');
    if (match === null) return plain(404, 'This is the package index of the sandbox. Its projects are at /simple/.');
    const [kind, name, slash] = [match[1], match[2]!, match[3]];
    try {
      const { projects } = await this.#catalog();
      if (kind === 'packages') return await this.#file(request, projects, name);
      if (name === '') return pageResponse(rootPage(projects, typeFor(request.headers.get('accept'))));
      const normalized = normalizedName(name);
      if (normalized !== name || slash === '') return { status: 301, headers: [['Location', `/simple/${encodeURIComponent(normalized)}/`]] };
      return await this.#project(request, projects, name);
    } catch (error) {
      this.#trouble.emit({ isUnknown: false, name, message: messageOf(error) });
      return plain(503, messageOf(error));
    }
  };

  async #project(request: HttpServerRequest, projects: readonly PackageProject[], name: string): Promise<HttpServerResponse> {
    const own = projects.find(one => one.name === name);
    const upstream = await this.#askOutside(name, own !== undefined);
    const agent = request.headers.get('user-agent');
    const ownFiles: readonly ListedFile[] = (own?.files ?? []).map(listed);
    const files = [...ownFiles, ...upstream.files.filter(one => !ownFiles.some(({ filename }) => filename === one.filename))];
    if (files.length > 0) {
      // Of a version that is not here pip names those that are; the hint says which to write. With the world outside there are enough of them.
      const hints = own !== undefined && upstream.files.length === 0 ? hintFor(own, agent) : [];
      return pageResponse(projectPage({ name, files: [...files, ...hints] }, typeFor(request.headers.get('accept'))));
    }
    const message = `${upstream.problem ?? lackOf(`Python package ${name}`, this.outside)} ${whatExists(projects, name)}`;
    // pip looks for newer versions of itself, which is no wish of the learner's.
    if (name === 'pip') return plain(404, message);
    this.#trouble.emit({ isUnknown: true, name, message });
    if (agent?.startsWith('pip/') !== true) return plain(404, message);
    // pip says nothing of why a page is missing (404 or any other status), but prints the media type of one that is no index page.
    return { status: 200, headers: [['Content-Type', `text/plain; hint="${message.replaceAll('"', "'")}"`]], body: `${message}\n` };
  }

  /** What the index outside has of a project, or in a sentence why nothing can be had. Where the own index has it, that is enough. */
  async #askOutside(name: string, isHere: boolean): Promise<Pick<UpstreamProject, 'files'> & { readonly problem?: string }> {
    const { upstream } = this.outside;
    if (upstream === undefined) return { files: [] };
    try {
      const found = await upstream.project(name);
      if (found === undefined) return { files: [] };
      if (found.files.length > 0 || found.otherFiles === 0) return found;
      return { files: [], problem: `${upstream.host} has ${name} only for machines other than this 32-bit PC.` };
    } catch (error) {
      const problem = `The search for ${name} outside failed: ${messageOf(error)}`;
      if (isHere) this.#trouble.emit({ isUnknown: false, name, message: `${problem} Only the sandbox's own index answers.` });
      return { files: [], problem };
    }
  }

  async #file(request: HttpServerRequest, projects: readonly PackageProject[], filename: string): Promise<HttpServerResponse> {
    const file = projects.flatMap(project => project.files).find(one => one.filename === filename);
    if (file === undefined) return this.#outsideFile(request, filename);
    try {
      await this.#loadFirst(file);
    } catch (error) {
      return this.#fileRefusal(filename, error);
    }
    return fileResponse(request, {
      bytes: file.content.bytes,
      tag: file.sha256,
      headers: [['Content-Type', 'application/octet-stream']],
      read: (start, end) => this.#read(file, start, end),
    });
  }

  /** A file that the index outside has, or the METADATA of one. */
  async #outsideFile(request: HttpServerRequest, filename: string): Promise<HttpServerResponse> {
    const { upstream } = this.outside;
    const wheel = filename.replace(/\.metadata$/, '');
    try {
      const project = await upstream?.project(projectOfFile(wheel));
      const file = project?.files.find(one => one.filename === wheel);
      if (upstream === undefined || file === undefined) return plain(404, `The package index of the sandbox has no file ${filename}.`);
      if (wheel !== filename) {
        const metadata = await upstream.metadata(file);
        return metadata === undefined
          ? plain(404, `${upstream.host} has no ${filename}.`)
          : { status: 200, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: metadata };
      }
      const content = request.method === 'HEAD' ? upstream.file(file) : await begun(upstream.file(file));
      const bytes = file.bytes === undefined ? {} : { bytes: file.bytes };
      return { status: 200, headers: [['Content-Type', 'application/octet-stream']], body: { ...bytes, content } };
    } catch (error) {
      return this.#fileRefusal(filename, error);
    }
  }

  #fileRefusal(filename: string, error: unknown): HttpServerResponse {
    const message = this.#tellOfFailure(filename, error);
    // pip tries a 5xx again and again and then tells nothing of it; of a 4xx it prints the reason.
    return { ...plain(403, message), reason: message.replaceAll(/[^\x20-\x7e]/g, ' ') };
  }

  /** A download that breaks off before its first byte is told by pip as trouble of the network: so it is not begun where nothing can come. */
  async #loadFirst({ content }: PackageFile): Promise<void> {
    for await (const piece of readPieces(content, this.#load, 0, Math.min(1, content.bytes))) if (piece.length > 0) return;
  }

  #tellOfFailure(filename: string, error: unknown): string {
    const message = `${filename} could not be delivered: ${messageOf(error)} ${remedyOf(error, 'install it')}`;
    this.#trouble.emit({ isUnknown: false, name: filename, message });
    return message;
  }

  async *#read({ filename, content }: PackageFile, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* readPieces(content, this.#load, start, end);
    } catch (error) {
      this.#tellOfFailure(filename, error);
      throw error;
    }
  }
}

function listed({ content, filename, requiresPython, sha256 }: PackageFile): ListedFile {
  return { filename, sha256, bytes: content.bytes, ...(requiresPython !== undefined && { requiresPython }) };
}

/** So many names are a list to read; of more those that are asked for most are named. */
const LIST_LENGTH = 40;
const WANTED = [
  'flask',
  'django',
  'fastapi',
  'requests',
  'sqlalchemy',
  'redis',
  'psycopg2-binary',
  'pymysql',
  'pytest',
  'numpy',
  'pandas',
  'gunicorn',
  'uvicorn',
];

/** What the index has, in one sentence; first names that look like the one that was asked for. */
function whatExists(projects: readonly PackageProject[], asked: string): string {
  const names = projects.map(one => one.name);
  if (names.length <= LIST_LENGTH) return `It has: ${names.join(', ')}.`;
  const alike = names.filter(one => one.includes(asked) || asked.includes(one) || one.slice(0, 4) === asked.slice(0, 4));
  const some = [...new Set([...alike, ...WANTED.filter(one => names.includes(one))])].slice(0, LIST_LENGTH / 2);
  return `It has ${names.length}, among them ${some.join(', ')}.`;
}

/**
 * A file for pip's error message. Of a pinned version that is not here pip names the versions that are, but not what to write; of a file for another Python
 * it prints what Python that would need. This one names no Python but what to
 * write, in the only form that pip takes for one: a version with a label behind `+`. `===` compares as text, so no Python fits.
 */
function hintFor({ name, files }: PackageProject, agent: string | undefined): readonly ListedFile[] {
  const python = agent?.startsWith('pip/') === true ? /"python": *"(\d+)\.(\d+)/.exec(agent) : null;
  if (!python) return [];
  const own = files.find(file => isFor(file.filename, Number(python[2])));
  const others = [...new Set(files.flatMap(file => /-cp(\d)(\d+)-/.exec(file.filename)?.slice(1).join('.') ?? []))];
  const version = own?.filename.split('-')[1];
  const text =
    version === undefined ? `${others.at(-1) ?? '0'}+is.the.python.it.is.here.for` : `${version.split('+')[0]}+is.the.version.here.write.that.one`;
  const filename = `${name.replaceAll('-', '_')}-0-py3-none-any.whl`;
  return [{ filename, sha256: '0'.repeat(64), requiresPython: `===${text}`, bytes: 0 }];
}

/** Is a wheel for Python 3.`minor`, by its name? One for the stable interface is for its own Python and all that came later. */
function isFor(filename: string, minor: number): boolean {
  const [, pythons = '', abi] = /-([^-]+)-([^-]+)-[^-]+$/.exec(filename) ?? [];
  return pythons.split('.').some(tag => {
    const [, kind, digits] = /^(cp|py)3(\d*)$/.exec(tag) ?? [];
    if (kind === undefined) return false;
    return digits === String(minor) || ((kind === 'py' || abi === 'abi3') && Number(digits) <= minor);
  });
}

function pageResponse({ type, text }: SimplePage): HttpServerResponse {
  return {
    status: 200,
    headers: [
      ['Content-Type', `${type}; charset=utf-8`],
      ['Vary', 'Accept'],
    ],
    body: text,
  };
}

function plain(status: number, message: string): HttpServerResponse {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: `${message}\n` };
}
