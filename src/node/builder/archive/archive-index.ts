import type { ControlFields } from './control-fields.ts';
import { formatControl } from './control-fields.ts';
import { ARCHIVE_TIME, archiveKey } from './archive-key.ts';
import { clearSigned } from './openpgp.ts';
import { REPACKED_FIELD, sha256Hex } from './repack-deb.ts';

/** A suite that the archive has. */
export interface SuiteNames {
  /** `trixie`. */
  readonly codename: string;
  /** `13`. */
  readonly version: string;
  /** What Debian calls it now, besides its code name: `stable`. */
  readonly alias: string;
}

/** A package of the index. */
export interface IndexEntry {
  readonly control: ControlFields;
  /** Below /debian. */
  readonly filename: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What apt needs to choose and to show; each line more costs every `apt-get update` in the guest. */
const INDEXED = [
  ...['Package', 'Version', 'Architecture', 'Multi-Arch', 'Essential', 'Installed-Size', 'Section', 'Priority', 'Provides'],
  ...['Pre-Depends', 'Depends', 'Conflicts', 'Breaks', 'Replaces', 'Description'],
];

/** The Packages file of some packages (Debian policy, chapter 5; wiki.debian.org/DebianRepository/Format). */
export function packagesFile(entries: readonly IndexEntry[]): string {
  return entries
    .map(({ control, filename, bytes, sha256 }) => {
      const fields = INDEXED.flatMap(name => (control.has(name) ? [[name, control.get(name)!] as const] : []));
      // The control file in the .deb says more.
      const repacked = control.has(REPACKED_FIELD) ? [[REPACKED_FIELD, 'yes'] as const] : [];
      return formatControl(new Map([...fields, ...repacked, ['Filename', filename], ['Size', String(bytes)], ['SHA256', sha256]]));
    })
    .join('\n');
}

interface ReleaseTerms {
  readonly suite: string;
  readonly codename: string;
  readonly version: string;
  /** Of each component the text of its Packages file. */
  readonly components: Readonly<Record<string, string>>;
}

function releaseFile({ suite, codename, version, components }: ReleaseTerms): string {
  const sums = Object.entries(components).map(([component, text]) => {
    const bytes = Buffer.from(text, 'utf8');
    return ` ${sha256Hex(bytes)} ${bytes.length} ${component}/binary-i386/Packages`;
  });
  return [
    'Origin: Drydock',
    'Label: Drydock (some packages, repacked from Debian)',
    `Suite: ${suite}`,
    `Version: ${version}`,
    `Codename: ${codename}`,
    `Date: ${new Date(ARCHIVE_TIME * 1000).toUTCString().replace('GMT', 'UTC')}`,
    'Acquire-By-Hash: no',
    'Architectures: i386',
    `Components: ${Object.keys(components).join(' ')}`,
    `Description: Some packages of Debian ${version}, chosen and repacked by Drydock`,
    'SHA256:',
    ...sums,
    '',
  ].join('\n');
}

const OTHER_COMPONENTS = { contrib: '', 'non-free': '', 'non-free-firmware': '' };

/**
 * The InRelease files of a suite by path. Its updates and security updates are there, for sources that name them, and empty: the suite itself has
 * the newest that was locked.
 */
export function releaseFiles({ codename, version, alias }: SuiteNames, packages: string): Record<string, string> {
  const signed = (suite: string, name: string, main: string): string =>
    clearSigned(archiveKey(), releaseFile({ suite, codename: name, version, components: { main, ...OTHER_COMPONENTS } }), ARCHIVE_TIME);
  const files: Record<string, string> = {};
  for (const name of [codename, alias]) files[`debian/dists/${name}/InRelease`] = signed(alias, codename, packages);
  for (const [kind, roots] of Object.entries({ updates: ['debian'], backports: ['debian'], security: ['debian-security', 'debian'] })) {
    for (const root of roots) {
      for (const name of [codename, alias]) {
        files[`${root}/dists/${name}-${kind}/InRelease`] = signed(`${alias}-${kind}`, `${codename}-${kind}`, '');
      }
    }
  }
  return files;
}
