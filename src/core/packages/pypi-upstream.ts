import type { FileDigest } from '../base/file-digest.ts';
import { hostOf } from '../upstream/upstream-settings.ts';
import { foundIn, type UpstreamClient } from '../upstream/upstream-client.ts';
import { WebError } from '../upstream/web.ts';
import { normalizedName } from './project-name.ts';

/** A file of a package index outside. */
export interface UpstreamPackageFile {
  readonly filename: string;
  readonly address: string;
  readonly sha256: string;
  readonly bytes: number | undefined;
  /** `>=3.9`, where it says so. */
  readonly requiresPython?: string;
  /** Why it was withdrawn; empty where no reason is given (PEP 592). */
  readonly yanked?: string;
  /** Of its METADATA, which is beside it as `<address>.metadata` (PEP 658). */
  readonly metadataSha256?: string;
}

/** What the index outside says of a project. */
export interface UpstreamProject {
  /** Those that can be used on this machine. */
  readonly files: readonly UpstreamPackageFile[];
  /** How many there are for other machines alone. */
  readonly otherFiles: number;
}

/** A project's page as the index gives it (PEP 691, 700). */
interface SimplePage {
  readonly files?: readonly {
    readonly filename?: string;
    readonly url?: string;
    readonly hashes?: { readonly sha256?: string };
    readonly size?: number;
    readonly 'requires-python'?: string | null;
    readonly yanked?: boolean | string;
    readonly 'core-metadata'?: boolean | { readonly sha256?: string };
  }[];
}

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
/** Platforms of wheels that this machine, a 32-bit PC with the GNU C library, can use (PEP 600, 513). */
const PLATFORM = /^(?:any|linux_i686|manylinux(?:1|2010|2014|_2_\d+)_i686)$/;

/** A Python package index outside, as pip knows them. */
export class PypiUpstream {
  readonly host: string;

  /** `address` is that of the index's simple API: `https://pypi.org/simple/`. */
  constructor(
    private readonly client: UpstreamClient,
    private readonly address: string,
    private readonly signal: AbortSignal,
  ) {
    this.host = hostOf(address);
  }

  /** The files of a project, by its normalized name; undefined where the index does not know it. Rejects with a WebError. */
  async project(name: string): Promise<UpstreamProject | undefined> {
    const { client, signal } = this;
    const address = `${this.address}${encodeURIComponent(name)}/`;
    const what = `the list of ${name}`;
    const page = foundIn(await client.page({ address, accept: JSON_TYPE, what, signal }), this.host, what);
    return page && usable(filesOf(page, address, this.host));
  }

  /** A file's bytes, checked. Throws a WebError. */
  file({ address, filename, sha256 }: UpstreamPackageFile): AsyncIterable<Uint8Array> {
    return this.client.file({ address, what: filename, digest: sha256Of(sha256), signal: this.signal });
  }

  /** What a wheel says of itself. Rejects with a WebError. */
  async metadata({ address, filename, metadataSha256 }: UpstreamPackageFile): Promise<Uint8Array | undefined> {
    if (metadataSha256 === undefined) return undefined;
    const { client, signal } = this;
    const page = await client.page({ address: `${address}.metadata`, what: `${filename}.metadata`, digest: sha256Of(metadataSha256), signal });
    if (page.status !== 200) throw new WebError('refused', `${this.host} answers ${page.status} to a request for ${filename}.metadata.`);
    return page.bytes;
  }
}

function sha256Of(hex: string): FileDigest {
  return { algorithm: 'sha256', hex };
}

function filesOf(page: Uint8Array, address: string, host: string): readonly UpstreamPackageFile[] {
  let parsed: SimplePage;
  try {
    parsed = JSON.parse(new TextDecoder().decode(page)) as SimplePage;
  } catch (error) {
    throw new WebError('damaged', `${host} does not answer like a package index (PEP 691).`, { cause: error });
  }
  return (parsed.files ?? []).flatMap(({ filename, hashes, size, url, yanked, ...more }) => {
    // Without a digest nothing could be checked.
    if (filename === undefined || url === undefined || hashes?.sha256 === undefined || !/^[0-9a-f]{64}$/.test(hashes.sha256)) return [];
    const requiresPython = more['requires-python'] ?? undefined;
    const metadata = more['core-metadata'];
    const metadataSha256 = typeof metadata === 'object' ? metadata.sha256 : undefined;
    return {
      filename,
      address: new URL(url, address).href,
      sha256: hashes.sha256,
      bytes: size,
      ...(requiresPython !== undefined && { requiresPython }),
      ...(yanked !== undefined && yanked !== false && { yanked: yanked === true ? '' : yanked }),
      ...(metadataSha256 !== undefined && { metadataSha256 }),
    };
  });
}

/**
 * Leaves out what cannot be used here: wheels for other machines, and sources of versions that have wheels. Those whose wheels are all for other
 * machines have a part in C or Rust, which nothing here compiles; pip would try that for minutes.
 */
function usable(files: readonly UpstreamPackageFile[]): UpstreamProject {
  const withWheels = new Set(files.filter(isWheel).map(versionOf));
  const fitting = files.filter(file => (isWheel(file) ? fits(file) : isSource(file) && !withWheels.has(versionOf(file))));
  return { files: fitting, otherFiles: files.length - fitting.length };
}

function isWheel({ filename }: UpstreamPackageFile): boolean {
  return filename.endsWith('.whl');
}

function isSource({ filename }: UpstreamPackageFile): boolean {
  return /\.(?:tar\.gz|zip)$/.test(filename);
}

function fits({ filename }: UpstreamPackageFile): boolean {
  const platforms = filename.slice(0, -'.whl'.length).split('-').at(-1) ?? '';
  return platforms.split('.').some(platform => PLATFORM.test(platform));
}

/** Of `flask-3.1.2-py3-none-any.whl` and `flask-3.1.2.tar.gz`. */
function versionOf(file: UpstreamPackageFile): string {
  const { filename } = file;
  if (isWheel(file)) return filename.split('-')[1] ?? '';
  return filename.replace(/\.(?:tar\.gz|zip)$/, '').replace(/^.*-/, '');
}

/** The project that a file is of, normalized: of `Flask_SQLAlchemy-3.1-py3-none-any.whl`, `flask-sqlalchemy`. */
export function projectOfFile(filename: string): string {
  const name = filename.endsWith('.whl') ? (filename.split('-')[0] ?? '') : filename.replace(/\.(?:tar\.gz|zip)$/, '').replace(/-[^-]*$/, '');
  return normalizedName(name);
}
