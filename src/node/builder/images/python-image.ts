import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages, setKey } from '../debian-packages.ts';
import { labelsOf, packagesOf } from './image-recipe.ts';
import type { ImageBase, ImageMaker, MadeImage } from './image-step.ts';
import { addBytecode } from './python-bytecode.ts';
import { PYTHON_PRUNED } from './python-pruned.ts';
import type { BuiltStep } from '../step.ts';
import { extractPackages, noteInstalled, packLayer, type Workplace } from './image-tree.ts';

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

/** What the maintainer scripts of Python's packages would have done, and what the official image has beside Debian's Python. */
async function configure(root: string): Promise<void> {
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  for (const name of ['python', 'python3', 'python3.13']) await symlink('/usr/bin/python3.13', join(root, 'usr/local/bin', name));
  await symlink('/usr/bin/pip3', join(root, 'usr/local/bin/pip'));
  // The image is one environment, as the official one: pip may install into it.
  await rm(join(root, 'usr/lib/python3.13/EXTERNALLY-MANAGED'), { force: true });
  const certificates = execFileSync('sh', ['-c', 'cat "$1"/usr/share/ca-certificates/mozilla/*.crt', 'sh', root]);
  await rm(join(root, 'usr/share/ca-certificates'), { recursive: true });
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), certificates);
  const pipCertificates = join(root, 'usr/lib/python3/dist-packages/pip/_vendor/certifi/cacert.pem');
  await rm(pipCertificates, { force: true });
  await symlink('/etc/ssl/certs/ca-certificates.crt', pipCertificates);
  await writeFile(join(root, 'etc/pip.conf'), PIP_CONFIGURATION);
}

/** python:3.13-slim on top of Debian. */
export function pythonImages(lock: DebianLock, bytecode: BuiltStep): ImageMaker[] {
  return [
    {
      name: 'python-3.13',
      on: 'debian-13',
      files: [import.meta.filename, join(import.meta.dirname, 'python-pruned.ts'), join(import.meta.dirname, 'python-bytecode.ts')],
      values: [bytecode.key, setKey(lock, 'python')],
      make: (work, base) => makePython(work, lock, base!, bytecode),
    },
  ];
}

async function makePython(work: Workplace, lock: DebianLock, base: ImageBase, bytecode: BuiltStep): Promise<MadeImage> {
  const root = join(work.folder, 'python');
  const debs = await fetchPackages(lock, 'python');
  await extractPackages(work, root, debs, PYTHON_PRUNED);
  await configure(root);
  await addBytecode(bytecode, root);
  await noteInstalled(root, debs, base.status);
  const file = join(work.folder, 'python.tar');
  await packLayer(work, root, file);
  return {
    root,
    recipe: {
      repository: 'library/python',
      tags: ['3.13-slim', '3.13', '3', 'latest'],
      description: 'Python 3.13 with pip, on Debian.',
      layers: [
        ...base.recipe.layers,
        { file, comment: "ADD python-3.13.tar / # Debian's python3, pip and procps; what is imported most is compiled" },
      ],
      config: { Cmd: ['python3'], Env: ['LANG=C.UTF-8'], Labels: labelsOf(lock, packagesOf(lock, 'debian', 'python')) },
    },
  };
}
