/** A Python of which there is an image. */
export interface PythonRelease {
  /** `3.13`. */
  readonly version: string;
  /** The set of images/debian/packages.json that has it. */
  readonly set: string;
  /** The set of its wheels: the packages of the same suite. */
  readonly wheels: string;
  /** The set of C libraries that wheels need beside those of the image. */
  readonly libraries: string;
  /** The Debian that it is from and stands on. */
  readonly debian: { readonly number: number; readonly suite: string; readonly set: string };
  /** Tags beside those with its version. */
  readonly tags: readonly string[];
}

/** The Pythons of the hub: each is the one of its Debian. */
export const PYTHON_RELEASES: readonly PythonRelease[] = [
  {
    version: '3.13',
    set: 'python',
    wheels: 'wheels',
    libraries: 'wheel-libraries',
    debian: { number: 13, suite: 'trixie', set: 'debian' },
    tags: ['3', 'latest', '3-slim', 'slim', '3-trixie', 'trixie', '3-slim-trixie', 'slim-trixie'],
  },
  {
    version: '3.11',
    set: 'python311',
    wheels: 'wheels311',
    libraries: 'wheel-libraries311',
    debian: { number: 12, suite: 'bookworm', set: 'debian12' },
    tags: [],
  },
  {
    version: '3.9',
    set: 'python39',
    wheels: 'wheels39',
    libraries: 'wheel-libraries39',
    debian: { number: 11, suite: 'bullseye', set: 'debian11' },
    tags: [],
  },
];

/** What Python calls compiled modules of a release: `cpython-313`. */
export function cacheTag({ version }: Pick<PythonRelease, 'version'>): string {
  return `cpython-${version.replace('.', '')}`;
}

/** The folder of the standard library, in the image. */
export function libraryFolder({ version }: PythonRelease): string {
  return `usr/local/lib/python${version}`;
}

/** Where pip installs to, in the image. */
export function sitePackages(release: PythonRelease): string {
  return `${libraryFolder(release)}/site-packages`;
}
