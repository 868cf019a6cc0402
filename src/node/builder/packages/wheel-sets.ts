import { lockedSet, type DebianLock } from '../debian-lock.ts';
import type { PythonRelease } from '../images/python-releases.ts';

/**
 * Debian packages whose modules are compiled in advance: what the lessons and most tutorials use. Compiling is the emulated computer's slowest work,
 * and what is left out here works as well, only slower to start.
 */
const COMPILED = new Set(
  (
    'flask werkzeug jinja2 markupsafe itsdangerous click blinker simplejson redis async-timeout gunicorn packaging requests urllib3 certifi idna ' +
    'charset-normalizer chardet importlib-metadata zipp typing-extensions dotenv'
  )
    .split(' ')
    .map(name => `python3-${name}`),
);

/** Of a release's wheels those that are compiled in advance. */
export function compiledWheels(lock: DebianLock, { wheels }: PythonRelease): string[] {
  return lockedSet(lock, wheels).packages.filter(name => COMPILED.has(name));
}

/** Projects that Debian splits into several packages: what belongs to the first. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  'python3-setuptools': ['python3-pkg-resources'],
  'python3-pymongo': ['python3-bson', 'python3-gridfs'],
};

/** By Debian package: a second name that PyPI has the project under, for wheels that bring their C library along, as all of ours do. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = { 'python3-psycopg2': ['psycopg2-binary'] };

/** The other packages of Debian that the project of `name` lies in. */
export function partsOf(name: string): readonly string[] {
  return PARTS[name] ?? [];
}

/** The packages of a release that become wheels, each with its set. */
export function ownPackages(lock: DebianLock, { wheels }: PythonRelease): (readonly [set: string, name: string])[] {
  const parts = new Set(Object.values(PARTS).flat());
  return lockedSet(lock, wheels)
    .packages.filter(name => !parts.has(name))
    .map(name => [wheels, name] as const);
}

/** The names that the project of a Debian package has on PyPI beside its own. */
export function otherNamesOf(name: string): readonly string[] {
  return OTHER_NAMES[name] ?? [];
}
