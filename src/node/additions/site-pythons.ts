import { lockedPackage, type DebianLock } from '../builder/debian-lock.ts';
import { PYTHON_RELEASES } from '../builder/images/python-releases.ts';

/** A Python of the site's images, as far as it matters to what fits it. */
export interface SitePython {
  /** `3.13`. */
  readonly version: string;
  /** `3.13.5`. */
  readonly full: string;
  /** Of the GNU C library below it: 41 of 2.41. */
  readonly glibcMinor: number;
}

/** The Pythons that the lock file pins. */
export function sitePythons(lock: DebianLock): SitePython[] {
  return PYTHON_RELEASES.map(({ version, set, debian }) => ({
    version,
    full: /^[\d.]+/.exec(lockedPackage(lock, set, `python${version}`).version)?.[0] ?? version,
    glibcMinor: Number(/^2\.(\d+)/.exec(lockedPackage(lock, debian.set, 'libc6').version)?.[1]),
  }));
}
