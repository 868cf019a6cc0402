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

/** Projects that Debian splits into several packages: what belongs to the first. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  'python3-setuptools': ['python3-pkg-resources'],
  'python3-pymongo': ['python3-bson', 'python3-gridfs'],
  'python3-pandas': ['python3-pandas-lib'],
  'python3-cffi': ['python3-cffi-backend'],
};

/** By Debian package: a second name that PyPI has the project under, for wheels that bring their C library along, as all of ours do. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = { 'python3-psycopg2': ['psycopg2-binary'] };

/** Debian packages that others name as needed and that are not: Debian's own arrangements, or what only rarely used parts import. */
const NOT_NEEDED = /^python3-(distutils|minimal|lib2to3|legacycrypt|lz4|snappy|ephem|memcache|cov-core|jaraco\.text|typeguard|.*-abi\d+)$/;

/** Packages that are empty in one release, and the one that has their content there. */
const MOVED: Readonly<Record<string, string>> = { 'python3-tz': 'python3-pytz' };

/** The project of a package that others need: `projects` are those of the release. What is in none keeps Debian's name, which a test of the index finds. */
export function neededProject(name: string, projects: ReadonlyMap<string, string | undefined>): string {
  return projects.get(name) ?? projects.get(MOVED[name] ?? name) ?? name;
}

/** By project: requirements whose versions Debian does not keep, and whose packages work together in Debian. */
const RELAXED: Readonly<Record<string, readonly string[]>> = {
  fastapi: ['starlette'],
  'flask-migrate': ['alembic'],
  gevent: ['greenlet'],
  limits: ['packaging'],
};

/** By project: requirements that the image meets without a project. Debian's tzdata stands for PyPI's. */
const DROPPED: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ['celery', 'kombu', 'pandas', 'pytz-deprecation-shim', 'tzlocal'].map(project => [project, ['tzdata']]),
);

/** pip is the newest one in every release, as in the images. */
const PIP = ['wheels', 'python3-pip'] as const;

/** Of a release's wheels those that are compiled in advance. */
export function compiledWheels(lock: DebianLock, { wheels }: PythonRelease): string[] {
  return lockedSet(lock, wheels).packages.filter(name => COMPILED.has(name));
}

/** The other packages of Debian that the project of `name` lies in, as far as the release has them. */
export function partsOf(lock: DebianLock, set: string, name: string): readonly string[] {
  return (PARTS[name] ?? []).filter(part => lockedSet(lock, set).packages.includes(part));
}

/** The package that `name` is a part of, or itself. */
export function wholeOf(name: string): string {
  return Object.entries(PARTS).find(([, parts]) => parts.includes(name))?.[0] ?? name;
}

/** The packages of a release that become wheels, each with its set. */
export function ownPackages(lock: DebianLock, { wheels }: PythonRelease): (readonly [set: string, name: string])[] {
  const own = lockedSet(lock, wheels).packages.filter(name => wholeOf(name) === name && name !== PIP[1]);
  return [...own.map(name => [wheels, name] as const), PIP];
}

/** The names that the project of a Debian package has on PyPI beside its own. */
export function otherNamesOf(name: string): readonly string[] {
  return OTHER_NAMES[name] ?? [];
}

/** Packages that Debian's packages name by what they provide: by the interface of another, of some version. */
function providerOf(name: string): string {
  return name.replace(/^python3-cffi-backend-api-.*$/, 'python3-cffi').replace(/^python3-ply-(lex|yacc)-.*$/, 'python3-ply');
}

/** Of a Debian package's dependencies (its field Depends) those on Python packages: of alternatives the first. */
export function pythonDependencies(field: string): string[] {
  const names = field.split(',').map(group =>
    group
      .split('|')[0]!
      .trim()
      .replace(/[ (:].*$/s, ''),
  );
  return [...new Set(names.filter(name => name.startsWith('python3-') && !NOT_NEEDED.test(name)).map(name => wholeOf(providerOf(name))))];
}

/** Projects that bring along what they need, while Debian's packages of them depend on packages that are used elsewhere. */
const SELF_CONTAINED = new Set(['pip', 'setuptools']);

/** True where the dependencies of a project's Debian package are no needs of the project. */
export function isSelfContained(project: string): boolean {
  return SELF_CONTAINED.has(project);
}

/** What is changed of a project's requirements. */
export function changesOf(project: string): { relaxed: readonly string[]; dropped: readonly string[] } {
  return { relaxed: RELAXED[project] ?? [], dropped: DROPPED[project] ?? [] };
}
