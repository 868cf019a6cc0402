import { tarballName, type NpmPackage, type NpmVersion } from './npm-catalog.ts';

/** What npm asks for before it installs: the short form. */
export const INSTALL_TYPE = 'application/vnd.npm.install-v1+json';

/** When everything was "published": the registry does not know, and some of npm's commands want a time. */
const TIME = '2026-11-01T00:00:00.000Z';

/** The address of a version's tarball, below the registry at `root`. */
function tarballAddress(root: string, name: string, version: string): string {
  return `${root}/${name}/-/${tarballName(name, version)}`;
}

/** What the registry says of one version. */
export function versionDocument(root: string, { name }: NpmPackage, { version, manifest, integrity, tarball }: NpmVersion): object {
  return {
    name,
    version,
    ...manifest,
    dist: { tarball: tarballAddress(root, name, version), integrity, ...(tarball && { size: tarball.bytes }) },
  };
}

/** What the registry says of a package; `isShort` leaves out what is for people only. */
export function packument(root: string, one: NpmPackage, isShort: boolean): object {
  const versions = Object.fromEntries(one.versions.map(version => [version.version, versionDocument(root, one, version)]));
  const common = { name: one.name, 'dist-tags': { latest: one.latest }, versions };
  if (isShort) return { ...common, modified: TIME };
  const license = one.versions.at(-1)?.manifest.license;
  return {
    _id: one.name,
    ...common,
    ...(license !== undefined && { license }),
    description: 'Kept by the sandbox: the versions that are listed here are those that it has.',
    time: Object.fromEntries([...['created', 'modified'], ...one.versions.map(({ version }) => version)].map(name => [name, TIME])),
    maintainers: [],
    readme: '',
  };
}
