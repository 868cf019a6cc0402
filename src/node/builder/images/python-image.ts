import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockedPackage, type DebianLock } from '../debian-lock.ts';
import { fetchPackage, setKey } from '../debian-packages.ts';
import type { BuiltStep } from '../step.ts';
import { addCompiled } from './compiled-modules.ts';
import { labelsOf } from './image-recipe.ts';
import type { ImageBase, ImageMaker, MadeImage } from './image-step.ts';
import { noteInstalled, packLayer, type Workplace } from './image-tree.ts';
import { installedPackages, LAYOUT_FILES, layOutPython, packagesInside } from './python-layout.ts';
import { PYTHON_RELEASES, sitePackages, type PythonRelease } from './python-releases.ts';

const PIP_CONFIGURATION = `# The sandbox has no internet: what pypi.org is here is an index inside the page, reached without encryption.
# Its wheels are made from Debian's packages and bring their compiled modules along: compiling them again would take the
# emulated computer longer than all the rest. Reading a hundred certificates for a connection that needs none is left out too.
[global]
index-url = http://pypi.org/simple
trusted-host =
    pypi.org
    files.pythonhosted.org
disable-pip-version-check = true
root-user-action = ignore
no-cache-dir = true
use-deprecated = legacy-certs

[install]
compile = false
`;

/** What the maintainer scripts of Debian's packages would have done, and pip's settings. */
async function configure(root: string, release: PythonRelease): Promise<void> {
  const certificates = execFileSync('sh', ['-c', 'cat "$1"/usr/share/ca-certificates/mozilla/*.crt', 'sh', root]);
  await rm(join(root, 'usr/share/ca-certificates'), { recursive: true });
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), certificates);
  const pipCertificates = join(root, sitePackages(release), 'pip/_vendor/certifi/cacert.pem');
  await rm(pipCertificates, { force: true });
  await symlink('/etc/ssl/certs/ca-certificates.crt', pipCertificates);
  await writeFile(join(root, 'etc/pip.conf'), PIP_CONFIGURATION);
}

/** The tags of a release: with and without -slim, which are one image here, and with its Debian's code name. */
export function pythonTags({ version, debian, tags }: PythonRelease): string[] {
  return [`${version}-slim`, version, `${version}-slim-${debian.suite}`, `${version}-${debian.suite}`, ...tags];
}

/** What the code of these images is made of, for their steps. */
const FILES = [
  import.meta.filename,
  join(import.meta.dirname, 'compiled-modules.ts'),
  ...LAYOUT_FILES,
  ...['debian-wheel.ts', 'wheel.ts', 'requires-text.ts'].map(name => join(import.meta.dirname, '../packages', name)),
];

/** The Pythons, each on top of its Debian. */
export function pythonImages(lock: DebianLock, bytecode: BuiltStep): ImageMaker[] {
  return PYTHON_RELEASES.map(release => ({
    name: `python-${release.version}`,
    on: `debian-${release.debian.number}`,
    files: FILES,
    values: [bytecode.key, setKey(lock, release.set), lockedPackage(lock, 'python', 'python3-pip').sha256],
    make: (work, base) => makePython(work, lock, base!, bytecode, release),
  }));
}

async function makePython(work: Workplace, lock: DebianLock, base: ImageBase, bytecode: BuiltStep, release: PythonRelease): Promise<MadeImage> {
  const { version, set, debian } = release;
  const root = join(work.folder, 'python');
  await layOutPython(work, lock, root, release);
  await configure(root, release);
  await addCompiled(bytecode, root, release);
  const noted: string[] = [];
  for (const name of installedPackages(lock, release)) noted.push(await fetchPackage(lock, set, name));
  await noteInstalled(root, noted, base.status);
  const file = join(work.folder, 'python.tar');
  await packLayer(work, root, file);
  const exact = /^[\d.]+/.exec(lockedPackage(lock, set, `python${version}`).version)![0];
  const comment = `ADD python-${version}.tar / # Debian's Python in /usr/local, pip and procps; what is imported most is compiled`;
  return {
    root,
    recipe: {
      repository: 'library/python',
      tags: pythonTags(release),
      description: `Python ${version} with pip, on Debian ${debian.number}.`,
      layers: [...base.recipe.layers, { file, comment }],
      config: {
        Cmd: ['python3'],
        Env: ['LANG=C.UTF-8', `PYTHON_VERSION=${exact}`],
        Labels: labelsOf(lock, packagesInside(lock, release), base.recipe.config.Labels),
      },
    },
  };
}
