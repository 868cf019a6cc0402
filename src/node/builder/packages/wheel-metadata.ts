import { requirementsOf } from './requires-text.ts';
import { fieldOf } from './wheel.ts';

/** What is known of a package beside its metadata. */
export interface PackageKnowledge {
  /** Debian's version of it. */
  readonly debianVersion: string;
  /** The file of that name, where the package has it. */
  readonly requiresText: string | undefined;
  /**
   * The projects of the Debian packages that it depends on. Debian's tools take what is always needed out of requires.txt and make it a dependency of the
   * package: where a package has an .egg-info, this is where it says so.
   */
  readonly dependencies: readonly string[] | undefined;
  /** Of these projects Debian's version is used, whatever the metadata says. */
  readonly relaxed: readonly string[];
  /** What the image has already, and is no project of the index. */
  readonly dropped: readonly string[];
}

/** The version of the project in a version of Debian's: `3:4.2.28+dfsg-0+deb13u2` is 4.2.28. */
export function upstreamVersion(debianVersion: string): string {
  return debianVersion
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[+~](dfsg|ds|repack|really|deb).*$/, '')
    .replace(/\.dfsg.*$/, '');
}

/** A build of Debian's that knew nothing of its release: `1.13.2.dev0`, which pip takes for a version before 1.13.2, or 0.0.0. */
const UNRELEASED = /\.dev0$|^0\.0\.0$|\+/;

function projectOf(requirement: string): string {
  return (
    /^[\w.-]+/
      .exec(requirement.trim())?.[0]
      ?.toLowerCase()
      .replaceAll(/[-_.]+/g, '-') ?? ''
  );
}

/** A requirement without its version: `packaging<25,>=21; extra == "x"` is `packaging; extra == "x"`. */
function withoutVersion(requirement: string): string {
  const [, name = '', extras = '', marker = ''] = /^\s*([\w.-]+)\s*(\[[^\]]*\])?[^;]*(;.*)?$/.exec(requirement) ?? [];
  return `${name}${extras}${marker}`;
}

/** The metadata of a Debian package as that of a wheel: with all that the project needs, and with its version. */
export function completeMetadata(metadata: string, { debianVersion, requiresText, dependencies, relaxed, dropped }: PackageKnowledge): string {
  const end = metadata.indexOf('\n\n');
  const [head, body] = end < 0 ? [metadata.trimEnd(), '\n'] : [metadata.slice(0, end), metadata.slice(end)];
  const told = head.split('\n').filter(line => line.startsWith('Requires-Dist:') || line.startsWith('Provides-Extra:'));
  const own = [...told, ...(requiresText === undefined ? [] : requirementsOf(requiresText))];
  const known = new Set(own.filter(line => !/;.*extra *==/.test(line)).map(line => projectOf(line.replace('Requires-Dist:', ''))));
  const more = (dependencies ?? []).filter(name => !known.has(name)).map(name => `Requires-Dist: ${name}`);
  const needs = [...new Set([...own, ...more])].flatMap(line => {
    const [, requirement] = /^Requires-Dist: *(.*)$/.exec(line) ?? [];
    if (requirement === undefined) return [line];
    if (dropped.includes(projectOf(requirement))) return [];
    return [relaxed.includes(projectOf(requirement)) ? `Requires-Dist: ${withoutVersion(requirement)}` : line];
  });
  const version = fieldOf(metadata, 'Version') ?? '';
  const lines = head
    .split('\n')
    .filter(line => !told.includes(line))
    .map(line => (line.startsWith('Version:') && UNRELEASED.test(version) ? `Version: ${upstreamVersion(debianVersion)}` : line))
    .map(line => line.replace(/^Metadata-Version: (1\..*|2\.0)$/, 'Metadata-Version: 2.1'));
  return `${[...lines, ...needs].join('\n')}${body}`;
}
