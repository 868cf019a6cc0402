import { otherVersionError } from '../base/errors.ts';

/** Changes when the meaning of release.json's fields changes. */
export const RELEASE_FORMAT = 1;

/** What a file is for: all of `page` and `course` is kept in the browser by itself, the rest where the learner asks. */
export type FilePurpose = 'page' | 'course' | 'disk';

/** A file of the site whose name says nothing about its content. */
export interface ReleaseFile {
  /** Below the site, without a slash at the beginning. */
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly purpose: FilePurpose;
}

/**
 * release.json: the files that were built together. Blobs of the machine are not in it (offline.json has them), nor is what whoever runs the
 * site may change: config.json.
 */
export interface Release {
  readonly format: number;
  /** Names the release: a hash of all its files. The page has it in `<meta name="drydock-release">`. */
  readonly id: string;
  readonly files: readonly ReleaseFile[];
}

/** Where release.json lies. */
export const RELEASE_PATH = 'release.json';
/** The name of the page's `meta` element that has the release's id. */
export const RELEASE_META = 'drydock-release';

const PARAMETER = 'release';
const ID = /^[0-9a-f]{16}$/;

/** Checks a parsed release.json; throws `snapshot-mismatch` where it is of another format. */
export function checkRelease(value: unknown): Release {
  const release = value as Partial<Release> | null;
  const isRelease = release?.format === RELEASE_FORMAT && ID.test(String(release.id)) && Array.isArray(release.files);
  if (isRelease && release.files?.every(isReleaseFile) === true) return release as Release;
  throw otherVersionError('The list of files on this site is');
}

function isReleaseFile(value: unknown): boolean {
  const { path, bytes, sha256 } = (value ?? {}) as Partial<Record<keyof ReleaseFile, unknown>>;
  return typeof path === 'string' && typeof bytes === 'number' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}

/** The site's address with the release that a page is of; without, where the page does not know (in a development server). */
export function releaseAddress(site: string, id: string | null | undefined): string {
  return id !== null && id !== undefined && ID.test(id) ? `${site}?${PARAMETER}=${id}` : site;
}

/** The release that an address asks for; undefined where it asks for none. */
export function releaseOf(address: string): string | undefined {
  const id = new URL(address).searchParams.get(PARAMETER);
  return id !== null && ID.test(id) ? id : undefined;
}

/**
 * The address of a file of the site, of the release that `base` names. A static server does not look at the release; caches on the way do,
 * and the service worker, which gives a page files of one release alone.
 */
export function fileAddress(base: string, path: string): string {
  const release = releaseOf(base);
  return releaseAddress(new URL(path, base).href, release);
}
