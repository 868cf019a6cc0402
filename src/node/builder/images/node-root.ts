import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockedPackage, type DebianLock } from '../debian-lock.ts';
import { fetchPackages } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { lockedTool, type NpmLock } from '../npm/npm-lock.ts';
import { unpackTool } from '../npm/npm-tarballs.ts';
import { runProgram } from '../run.ts';
import type { BuiltStep } from '../step.ts';
import { trimIcuData } from './icu-data.ts';
import { extractPackages, type Workplace } from './image-tree.ts';

/** A release of Node that Debian has. */
export interface NodeRelease {
  /** `20`. */
  readonly major: string;
  /** Node's own name of it as a release with long-term support. */
  readonly codeName: string;
  /** The set of packages in the lock file. */
  readonly set: string;
  /** The recipe of the Debian image below, and its set. */
  readonly base: string;
  readonly baseSet: string;
  /** Debian's code name: `trixie`. */
  readonly suite: string;
}

export const NODE_RELEASES: readonly NodeRelease[] = [
  { major: '20', codeName: 'iron', set: 'node20', base: 'debian-13', baseSet: 'debian', suite: 'trixie' },
  { major: '18', codeName: 'hydrogen', set: 'node18', base: 'debian-12', baseSet: 'debian12', suite: 'bookworm' },
];

/** What pins Node and npm. */
export interface NodeLocks {
  readonly debian: DebianLock;
  readonly npm: NpmLock;
}

/** What the node images are made from. */
export interface NodeBuild {
  readonly locks: NodeLocks;
  /** Their start-up snapshots, by the major version. */
  readonly snapshots: ReadonlyMap<string, BuiltStep>;
}

/** Of the recipe's own files: what the image has of them, and where the guest makes the snapshot from. */
export const nodeFolder = join(imagesFolder, 'containers/node');

const LIBRARIES = 'usr/lib/i386-linux-gnu';
/** Where node.c looks for it. */
export const SNAPSHOT_PATH = 'usr/local/lib/node/start.blob';
const NPM_FOLDER = 'usr/local/lib/node_modules/npm';
const NODE_GYP = 'node_modules/node-gyp';

/** Debian keeps some of what is built into Node in files of their own; of those packages Node reads these, and nobody else anything. */
const KEPT_EXTERNALS = [
  'acorn/dist/acorn.js',
  'acorn-walk/dist/walk.js',
  'cjs-module-lexer/lexer.js',
  'cjs-module-lexer/dist/lexer.js',
  'minimatch/dist/cjs/index.bundle.js',
  'undici/undici-fetch.js',
];

const NODE_PRUNED = [
  'usr/share/node_modules',
  `${LIBRARIES}/node_modules`,
  `${LIBRARIES}/nodejs`,
  `${LIBRARIES}/engines-3`,
  `${LIBRARIES}/ossl-modules`,
  'usr/bin',
];
/** Parts of ICU that Node is not linked with. */
const UNUSED_ICU = /^libicu(io|test|tu)\.so/;

async function keepExternals(root: string): Promise<void> {
  const [folder, kept] = [join(root, 'usr/share/nodejs'), join(root, 'usr/share/nodejs-kept')];
  for (const path of KEPT_EXTERNALS) {
    await mkdir(dirname(join(kept, path)), { recursive: true });
    await rename(join(folder, path), join(kept, path)).catch((error: NodeJS.ErrnoException) => {
      // Node 18 has no minimatch in it.
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await rm(folder, { recursive: true });
  await rename(kept, folder);
}

/** Gives ICU's data library less of its data (icu-data.ts); everything else of it is the one name by which ICU finds the data. */
async function trimIcu(work: Workplace, root: string): Promise<void> {
  const libraries = join(root, LIBRARIES);
  const file = (await readdir(libraries)).find(name => /^libicudata\.so\.\d+\.\d+$/.test(name));
  if (file === undefined) throw new Error("Node's packages have no libicudata");
  const version = /so\.(\d+)/.exec(file)![1]!;
  const symbol = `icudt${version}_dat`;
  const place = join(work.folder, `icu-${version}`);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'data'), trimIcuData(readSymbol(join(libraries, file), symbol, await readFile(join(libraries, file)))));
  const lines = ['.section .rodata', '.balign 16', `.globl ${symbol}`, `.type ${symbol},@object`, `${symbol}:`, `.incbin "${join(place, 'data')}"`];
  await writeFile(join(place, 'data.s'), `${[...lines, `.size ${symbol},.-${symbol}`, '.section .note.GNU-stack,"",@progbits'].join('\n')}\n`);
  const options = ['-m32', '-shared', '-nostdlib', '-s', '-Wl,--build-id=none', `-Wl,-soname,libicudata.so.${version}`];
  await runProgram('gcc', [...options, '-o', join(libraries, file), join(place, 'data.s')]);
  for (const name of await readdir(libraries)) if (UNUSED_ICU.test(name)) await rm(join(libraries, name));
}

/** The bytes of a symbol of read-only data, whose address in such a library is its place in the file. */
function readSymbol(library: string, symbol: string, bytes: Uint8Array): Uint8Array {
  const table = execFileSync('readelf', ['-W', '--dyn-syms', library], { encoding: 'utf8' });
  const [, address, size] = new RegExp(`: ([0-9a-f]+) +(\\S+) OBJECT .* ${symbol}$`, 'm').exec(table) ?? [];
  if (address === undefined || size === undefined) throw new Error(`${library} has no ${symbol}`);
  return bytes.subarray(Number.parseInt(address, 16), Number.parseInt(address, 16) + Number(size));
}

/** The node command: our own small program around Debian's libnode, see node.c. */
async function makeCommand(root: string): Promise<void> {
  const libraries = join(root, LIBRARIES);
  const library = (await readdir(libraries)).find(name => /^libnode\.so\.\d+$/.test(name));
  if (library === undefined) throw new Error("Node's packages have no libnode");
  const bin = join(root, 'usr/local/bin');
  await mkdir(bin, { recursive: true });
  const options = ['-m32', '-march=i686', '-Os', '-s', '-Wall', '-Wextra', '-Werror', '-Wl,--allow-shlib-undefined', '-Wl,--build-id=none'];
  await runProgram('gcc', [...options, '-o', join(bin, 'node'), join(nodeFolder, 'node.c'), join(libraries, library)]);
  await symlink('node', join(bin, 'nodejs'));
}

/** What of npm's package nobody uses here: its manual, and node-gyp, which would need Python, a compiler and Node's headers. */
const NPM_PRUNED = ['docs', 'man', ...['gyp', 'docs', 'test', 'lib', 'addon.gypi'].map(name => `${NODE_GYP}/${name}`)];
const NPM_PRUNED_FILES = /(\.md|\.markdown|\.d\.ts|\.d\.mts|\.map|\.1|AUTHORS|\.travis\.yml|\.npmignore|\.jshintrc)$/;

/** Some of what npm needs is there in two forms, of which npm, whose modules are CommonJS, loads one. */
async function pruneModuleForms(npm: string): Promise<void> {
  for (const entry of await readdir(npm, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory() && entry.name === 'esm' && existsSync(join(entry.parentPath, 'commonjs')))
      await rm(join(entry.parentPath, entry.name), { recursive: true });
  }
}

/**
 * npm says of a version that is not there only that it is not there. Here that is no mistyping as a rule, but an older version of a tutorial, so it also
 * says which ones are.
 */
async function nameOtherVersions(npm: string): Promise<void> {
  const file = join(npm, 'node_modules/npm-pick-manifest/lib/index.js');
  const said = '`No matching version found for ${pckg}.`';
  const text = await readFile(file, 'utf8');
  if (!text.includes(said)) throw new Error("npm's text for a version that is not there is another one than expected: see node-root.ts");
  const more = "` This sandbox has: ${Object.keys(packument.versions ?? {}).join(', ')}.`";
  await writeFile(
    file,
    text.replace(said, () => `${said} + ${more}`),
  );
}

/** yarn insists on TLS towards npm's registry and its own name of it, and what stands there inside the page answers without. */
async function leaveOutTls(yarn: string): Promise<void> {
  const file = join(yarn, 'lib/cli.js');
  const enforced = "resolved = resolved.replace(/^http:\\/\\//, 'https://');";
  const text = await readFile(file, 'utf8');
  if (!text.includes(enforced)) throw new Error('yarn asks for TLS in other words than expected: see node-root.ts');
  await writeFile(
    file,
    text.replace(enforced, () => "resolved = resolved.replace(/^https:\\/\\//, 'http://');"),
  );
}

/** yarn where the official image has it. */
async function addYarn(root: string, lock: NpmLock): Promise<void> {
  const name = `opt/yarn-v${lockedTool(lock, 'yarn').version}`;
  const folder = join(root, name);
  await unpackTool(lock, 'yarn', folder);
  for (const unused of ['README.md', 'preinstall.js', 'bin/yarn.cmd', 'bin/yarnpkg.cmd']) await rm(join(folder, unused));
  await leaveOutTls(folder);
  // The official image links yarn's shell script, which starts five programs to find this file.
  await chmod(join(folder, 'bin/yarn.js'), 0o755);
  for (const command of ['yarn', 'yarnpkg']) await symlink(`/${name}/bin/yarn.js`, join(root, 'usr/local/bin', command));
  await mkdir(join(root, 'etc'), { recursive: true });
  await copyFile(join(nodeFolder, 'yarnrc'), join(root, 'etc/yarnrc'));
}

async function addNpm(root: string, lock: NpmLock): Promise<void> {
  const folder = join(root, NPM_FOLDER);
  await unpackTool(lock, 'npm', folder);
  for (const path of NPM_PRUNED) await rm(join(folder, path), { recursive: true, force: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && NPM_PRUNED_FILES.test(entry.name)) await rm(join(entry.parentPath, entry.name));
  await pruneModuleForms(folder);
  await nameOtherVersions(folder);
  const bin = join(root, 'usr/local/bin');
  for (const name of ['npm', 'npx']) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  await copyFile(join(nodeFolder, 'not-here.sh'), join(bin, 'pnpm'));
  await copyFile(join(nodeFolder, 'node-gyp.js'), join(folder, NODE_GYP, 'bin/node-gyp.js'));
  await mkdir(join(root, 'usr/local/etc'), { recursive: true });
  await copyFile(join(nodeFolder, 'npmrc'), join(root, 'usr/local/etc/npmrc'));
}

/** Unpacks Node and npm into `root`, as the image has them; without the snapshot. */
export async function layOutNode(work: Workplace, root: string, release: NodeRelease, locks: NodeLocks): Promise<void> {
  await extractPackages(work, root, await fetchPackages(locks.debian, release.set), NODE_PRUNED);
  await keepExternals(root);
  await trimIcu(work, root);
  await makeCommand(root);
  await addNpm(root, locks.npm);
  await addYarn(root, locks.npm);
}

/** `20.19.2`: what Node says of itself, from the Debian package's version `20.19.2+dfsg-1`. */
export function nodeVersion(lock: DebianLock, { set }: NodeRelease): string {
  const { version } = lockedPackage(lock, set, 'nodejs');
  const found = /^\d+\.\d+\.\d+/.exec(version);
  if (found === null) throw new Error(`Debian's nodejs ${version} does not say which Node it is`);
  return found[0];
}
