import { otherVersionError } from '../base/errors.ts';
import type { Pieces } from '../base/pieces.ts';

/** Changes when the meaning of the catalog's fields changes. */
export const ARCHIVE_CATALOG_FORMAT = 1;

/** What the archive has of a suite of Debian. */
export interface ArchiveSuite {
  /** `trixie`. */
  readonly codename: string;
  /** `13`. */
  readonly version: string;
  /** How many packages it has. */
  readonly packages: number;
  /** All signed InRelease files by their path below the host: `debian/dists/trixie/InRelease`. */
  readonly releases: Readonly<Record<string, string>>;
  /** The index in Debian's format, not compressed: `debian/dists/trixie/main/binary-i386/Packages`. */
  readonly index: ArchiveFile;
  /** A list of ArchiveFile as JSON: the packages. It is of use only to who installs some, so it does not stand here. */
  readonly pool: Pieces;
}

/** A file of the archive. */
export interface ArchiveFile {
  /** Below the host: `debian/pool/trixie/curl_8.14.1-2_i386.deb`. */
  readonly path: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  readonly content: Pieces;
}

/** archive.json: what `apt-get` finds in the sandbox. */
export interface ArchiveCatalog {
  readonly format: number;
  /** When all of it was signed, as HTTP has dates. */
  readonly modified: string;
  readonly suites: readonly ArchiveSuite[];
}

/** Checks that a parsed archive.json is of this format; throws `snapshot-mismatch` otherwise. */
export function checkArchiveCatalog(value: unknown): ArchiveCatalog {
  const catalog = value as ArchiveCatalog | null;
  if (catalog?.format === ARCHIVE_CATALOG_FORMAT && Array.isArray(catalog.suites)) return catalog;
  throw otherVersionError('The Debian packages on this site are');
}

/** `Debian 13 (trixie)`. */
export function suiteName({ version, codename }: Pick<ArchiveSuite, 'version' | 'codename'>): string {
  return `Debian ${version} (${codename})`;
}
