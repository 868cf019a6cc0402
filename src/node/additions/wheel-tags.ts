/** Which wheels fit the site's Pythons (PyPA: platform compatibility tags; PEP 600 for manylinux). */
import type { SitePython } from './site-pythons.ts';

/** A wheel's name in its parts (PyPA: binary distribution format). */
export interface WheelName {
  /** As the file has it: `Flask_Cors`. */
  readonly distribution: string;
  readonly version: string;
  /** `py3`, `cp313`; several where the name has several. */
  readonly pythons: readonly string[];
  /** `none`, `abi3`, `cp313`. */
  readonly abis: readonly string[];
  /** `any`, `linux_i686`. */
  readonly platforms: readonly string[];
}

const NAME = /^([A-Za-z0-9](?:[\w.]*[A-Za-z0-9])?)-([^-]+)(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/;
/** The old names of manylinux: the minor version of the C library that each stands for. */
const OLD_NAMES: Readonly<Record<string, number>> = { manylinux1_i686: 5, manylinux2010_i686: 12, manylinux2014_i686: 17 };

/** Takes a wheel's file name apart; undefined if it is not the name of a wheel. */
export function parseWheelName(filename: string): WheelName | undefined {
  const match = NAME.exec(filename);
  if (match === null) return undefined;
  const [pythons, abis, platforms] = [match[3]!, match[4]!, match[5]!].map(part => part.split('.'));
  return { distribution: match[1]!, version: match[2]!, pythons: pythons!, abis: abis!, platforms: platforms! };
}

/** The C library's minor version that a tag of this machine wants; undefined for tags of other machines. */
function glibcOf(platform: string): number | undefined {
  if (platform === 'any' || platform === 'linux_i686') return 0;
  const minor = /^manylinux_2_(\d+)_i686$/.exec(platform)?.[1];
  return minor === undefined ? OLD_NAMES[platform] : Number(minor);
}

function fitsPlatform(platform: string, { glibcMinor }: SitePython): boolean {
  const wanted = glibcOf(platform);
  return wanted !== undefined && wanted <= glibcMinor;
}

/** As pip does (packaging.tags): CPython's own interface, its stable one since 3.2, and modules without an interface. */
function fitsInterpreter(python: string, abi: string, { version }: SitePython): boolean {
  const minor = Number(version.split('.')[1]);
  const own = `cp3${minor}`;
  if (python === own) return abi === own || abi === 'abi3' || abi === 'none';
  const older = /^(cp|py)3(\d*)$/.exec(python);
  if (older === null) return false;
  const wanted = older[2] === '' ? 0 : Number(older[2]);
  return older[1] === 'py' ? abi === 'none' && wanted <= minor : abi === 'abi3' && older[2] !== '' && wanted >= 2 && wanted <= minor;
}

/** Those of the Pythons that pip would take the wheel for. */
export function pythonsFor({ pythons, abis, platforms }: WheelName, all: readonly SitePython[]): SitePython[] {
  return all.filter(
    one => platforms.some(platform => fitsPlatform(platform, one)) && pythons.some(python => abis.some(abi => fitsInterpreter(python, abi, one))),
  );
}

/** Why a wheel fits no Python, and which would: sentences. */
export function whyItFitsNone({ pythons, abis, platforms }: WheelName, all: readonly SitePython[]): string {
  const newest = all.reduce((a, b) => (b.glibcMinor > a.glibcMinor ? b : a));
  const ofMachine = platforms.filter(platform => glibcOf(platform) !== undefined);
  const versions = all.map(({ version }) => version).join(', ');
  const names = all.map(({ version }) => `cp${version.replace('.', '')}`);
  let reason = `It is for ${pythons.join('.')}-${abis.join('.')}, and the site's Pythons are ${versions}.`;
  if (ofMachine.length === 0) reason = `It is for ${platforms.join(', ')}, and this machine is a 32-bit PC with Linux and glibc (i686).`;
  else if (!ofMachine.some(platform => fitsPlatform(platform, newest)))
    reason = `It is for ${platforms.join(', ')}, and the newest GNU C library of the site's images is 2.${newest.glibcMinor}.`;
  return (
    `${reason} What fits: a wheel that ends in py3-none-any.whl (no compiled code), or in ${names[0]}-${names[0]}-manylinux_2_17_i686.whl ` +
    `(also ${names.slice(1).join(', ')}, abi3, linux_i686). pip download --only-binary=:all: --no-deps --platform manylinux2014_i686 --python-version ${all[0]!.version} ` +
    `NAME gets one if its project has it.`
  );
}
