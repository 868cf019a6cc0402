/**
 * Debian's Python looks for packages in dist-packages and installs below /usr/local on its own terms, so that pip and dpkg do not meet.
 * In an image that has Python in /usr/local there is nothing to keep apart: these changes give Python's own scheme back, site-packages.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libraryFolder, type PythonRelease } from './python-releases.ts';

/** A change of a file's text: what must be there once, and what comes in its place. */
interface TextChange {
  readonly file: string;
  readonly from: RegExp;
  readonly to: string;
}

const SITE: TextChange = {
  file: 'site.py',
  from: /^( +)if (?:is_virtual_environment|'VIRTUAL_ENV' in os\.environ or [^\n]*):\n +sitepackages\.append\([^]*?dist-packages"\)\n +sitepackages\.append\(path\)\n/m,
  to:
    '$1for libdir in libdirs:\n' + '$1    sitepackages.append(os.path.join(prefix, libdir, "python%d.%d" % sys.version_info[:2], "site-packages"))\n',
};

/** The scheme by which sysconfig, and so pip, installs. */
const SCHEME = {
  from: /^( +)if sys\.base_prefix != sys\.prefix or hasattr\(sys, "real_prefix"\):\n[^]*?prefix_scheme = 'posix_local'\n/m,
  to: "$1prefix_scheme = 'posix_prefix'\n",
};

/** The same in distutils, which pip asks before Python 3.10. */
const DISTUTILS: readonly TextChange[] = [
  {
    file: 'distutils/command/install.py',
    from: /^( +)if os\.path\.normpath\(self\.prefix\) == '\/usr\/local':\n[^]*?self\.select_scheme\("unix_local"\)\n/m,
    to: '$1self.select_scheme("unix_prefix")\n',
  },
  {
    file: 'distutils/sysconfig.py',
    from: /return os\.path\.join\(prefix, "lib", "python3", "dist-packages"\)/,
    to: 'return os.path.join(libpython, "site-packages")',
  },
];

const CHANGES: Readonly<Record<string, readonly TextChange[]>> = {
  '3.13': [SITE, { file: 'sysconfig/__init__.py', ...SCHEME }],
  '3.11': [SITE, { file: 'sysconfig.py', ...SCHEME }, ...DISTUTILS],
  '3.9': [SITE, ...DISTUTILS],
};

/** Makes a change; throws where the text does not have exactly one place for it. */
export function changeText(text: string, { file, from, to }: TextChange): string {
  const places = [...text.matchAll(new RegExp(from, `${from.flags}g`))].length;
  if (places !== 1) throw new Error(`Debian's ${file} has ${places} places for the change of ${from}: see whether Debian changed it`);
  return text.replace(from, to);
}

/** The settings that Python was built with, as for /usr/local. */
export function movedSettings(text: string): string {
  return text
    .replaceAll(/\/usr\/(lib|include)\/python(\d)/g, '/usr/local/$1/python$2')
    .replaceAll(/^( *)'(BINDIR|EXENAME|INCLUDEDIR|CONFINCLUDEDIR|SCRIPTDIR|exec_prefix|prefix)': '\/usr(?!\/local)/gm, "$1'$2': '/usr/local")
    .replaceAll(/^( *)'WHEEL_PKG_DIR': '[^']*'/gm, "$1'WHEEL_PKG_DIR': ''");
}

/** Changes the library of a release that lies in `root`. */
export async function patchLibrary(root: string, release: PythonRelease): Promise<void> {
  const library = join(root, libraryFolder(release));
  for (const change of CHANGES[release.version]!) {
    const path = join(library, change.file);
    await writeFile(path, changeText(await readFile(path, 'utf8'), change));
  }
  const settings = join(library, '_sysconfigdata__linux_i386-linux-gnu.py');
  await writeFile(settings, movedSettings(await readFile(settings, 'utf8')));
}
