import { tarballName, type NpmPackage, type NpmVersion } from './npm-catalog.ts';

/** What npm asks for before it installs: the short form. */
export const INSTALL_TYPE = 'application/vnd.npm.install-v1+json';

/** When everything was "published": the registry does not know, and some of npm's commands want a time. */
const TIME = '2026-11-01T00:00:00.000Z';

/**
 * The address of a version's tarball: the one that it has in the world, so that a package-lock.json made here is right there as well. npm puts the
 * registry that it is configured to use in the place of this host (its option replace-registry-host).
 */
function tarballAddress(name: string, version: string): string {
  return `https://registry.npmjs.org/${name}/-/${tarballName(name, version)}`;
}

/** What the registry says of one version. */
export function versionDocument({ name }: NpmPackage, { version, manifest, integrity, shasum, tarball }: NpmVersion): object {
  return {
    name,
    version,
    ...manifest,
    dist: { tarball: tarballAddress(name, version), integrity, ...(shasum !== undefined && { shasum }), ...(tarball && { size: tarball.bytes }) },
  };
}

/** What the registry says of a package; `isShort` leaves out what is for people only. */
export function packument(one: NpmPackage, isShort: boolean): object {
  const versions = Object.fromEntries(one.versions.map(version => [version.version, versionDocument(one, version)]));
  const common = { name: one.name, 'dist-tags': { ...one.tags, latest: one.latest }, versions };
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
