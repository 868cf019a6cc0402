import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readAr, writeAr, type ArMember } from './ar.ts';
import { formatControl, parseControl, type ControlFields } from './control-fields.ts';
import { readTar, withContent, writeTar, type TarEntry } from './deb-tar.ts';

/** How the parts of a .deb are compressed: zstd costs the guest the least, but the dpkg of Debian 11 does not read it. */
export type DebCompression = 'zstd' | 'gzip';

/** A .deb as the archive offers it. */
export interface RepackedDeb {
  readonly bytes: Buffer;
  /** Its control file. */
  readonly control: ControlFields;
}

/**
 * What is left out: what Debian's own slim images leave out too, and of compilers what few learners need and is most of their size (link-time
 * optimization, sanitizers, gprofng); vim's help; git's programs for servers and mail, perl's manuals and headers.
 */
const PRUNED = [
  /^usr\/share\/(man|info|lintian|bug|linda|doc-base|groff)(\/|$)/,
  /^usr\/share\/locale\/[^/]+(\/|$)/,
  /^usr\/(lib|libexec)\/gcc\/.*\/lto1$/,
  /^usr\/bin\/.*lto-dump(-\d+)?$/,
  /^usr\/lib\/.*\/lib(asan|hwasan|lsan|tsan|ubsan)[._][^/]*$/,
  /^usr\/(bin\/([^/]*-)?gp-|bin\/([^/]*-)?gprofng|lib\/.*\/(lib)?gprofng)/,
  /^usr\/(bin|lib\/git-core)\/(scalar|git-(shell|daemon|imap-send|http-push|http-backend))$/,
  /^usr\/share\/gitweb(\/|$)/,
  /^usr\/(share|lib\/[^/]+)\/perl\/.*(\.pod|\/CORE\/[^/]*\.h|\/TestNorm\.pl)$/,
  /^usr\/share\/vim\/vim\d+\/(doc|lang|spell|tutor)(\/|$)/,
];
const DOCUMENTATION = /^usr\/share\/doc\/[^/]+\//;
const COPYRIGHT = /^usr\/share\/doc\/[^/]+\/copyright$/;
/** Of /usr/share/locale only what is no translation. */
const KEPT = /^usr\/share\/locale\/locale\.alias$/;

/** Said in each control file and in the index, so that nobody takes it for Debian's own. */
export const REPACKED_FIELD = 'Drydock-Repacked';
const KIBIBYTE = 1024;

/**
 * What packages do without here. Git's mail and import programs alone are written in perl, and perl is half of what it costs to install git:
 * they are left out with it.
 */
const NOT_NEEDED: Readonly<Record<string, readonly string[]>> = { git: ['perl', 'liberror-perl'] };
/** Of packages in NOT_NEEDED. */
const PERL_MODULES = /^usr\/share\/perl5\//;
const PERL_PROGRAM = /^#!\S*perl\b/;

/** Is this path of a package left out? */
export function isPruned(path: string): boolean {
  if (KEPT.test(path)) return false;
  return (DOCUMENTATION.test(path) && !COPYRIGHT.test(path)) || PRUNED.some(pattern => pattern.test(path));
}

/** Entries without what is left out. A hard link whose file is left out takes its place. */
export function pruneEntries(entries: readonly TarEntry[]): TarEntry[] {
  const kept = entries.filter(entry => !isPruned(entry.path));
  const paths = new Set(kept.map(entry => entry.path));
  const orphan = kept.find(entry => entry.type === '1' && !paths.has(entry.target));
  if (orphan !== undefined) throw new Error(`${orphan.path} is a hard link to ${orphan.target}, which is left out`);
  return kept;
}

/** Entries without what needs a language that the package does without. */
function withoutPerl(entries: readonly TarEntry[]): TarEntry[] {
  return entries.filter(({ content, path }) => !PERL_MODULES.test(path) && !PERL_PROGRAM.test(content.subarray(0, 40).toString('latin1')));
}

/** As dpkg-gencontrol counts (deb-substvars(5)): files in kibibytes rounded up, everything else as one. */
function installedSize(entries: readonly TarEntry[]): number {
  return entries.reduce((sum, { type, content }) => sum + (type === '0' ? Math.ceil(content.length / KIBIBYTE) : type === '1' ? 0 : 1), 0);
}

/** The control file as it goes into the .deb: recommended packages are suggested, so that installing one does not bring what is not needed. */
export function repackedControl(control: ControlFields, original: string, size: number): ControlFields {
  const fields = new Map(control);
  const recommended = fields.get('Recommends');
  const suggested = fields.get('Suggests');
  fields.delete('Recommends');
  const notNeeded = NOT_NEEDED[control.get('Package') ?? ''] ?? [];
  const depends = (control.get('Depends') ?? '').split(/\s*,\s*/).filter(one => !notNeeded.includes(one.split(/[\s(:|]/)[0]!));
  if (notNeeded.length > 0) fields.set('Depends', depends.join(', '));
  if (recommended !== undefined) fields.set('Suggests', [recommended, ...(suggested === undefined ? [] : [suggested])].join(', '));
  fields.set('Installed-Size', String(size));
  fields.set('Description', (control.get('Description') ?? '').split('\n')[0]!);
  fields.set(
    REPACKED_FIELD,
    `from ${original}; no manuals, documentation, translations; without sanitizers, link-time optimizer, git's servers and its programs in perl, perl's headers; Python's modules not compiled; recommended packages suggested`,
  );
  return fields;
}

/** Runs bytes through a program. */
function through(program: string, args: readonly string[], input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stdin.on('error', reject);
    child.on('error', reject);
    child.on('close', code => (code === 0 ? resolve(Buffer.concat(parts)) : reject(new Error(`${program} failed (exit code ${code})`))));
    child.stdin.end(input);
  });
}

const UNPACKERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  xz: ['xz', '-dc'],
  gz: ['gzip', '-dc'],
  zst: ['zstd', '-dcq'],
};

/** Finds the member `name`.tar, however it is compressed. */
async function unpackMember(members: readonly ArMember[], name: string): Promise<Buffer> {
  const member = members.find(one => one.name.startsWith(`${name}.tar`));
  if (member === undefined) throw new Error(`this .deb has no ${name}.tar`);
  const suffix = member.name.slice(`${name}.tar.`.length);
  if (suffix === '') return member.bytes;
  const unpacker = UNPACKERS[suffix];
  if (unpacker === undefined) throw new Error(`${member.name}: this compression is not known`);
  const [program, ...args] = unpacker;
  return through(program, args, member.bytes);
}

async function packMember(name: string, tar: Buffer, compression: DebCompression): Promise<ArMember> {
  return compression === 'zstd'
    ? { name: `${name}.tar.zst`, bytes: await through('zstd', ['-qc', '-9', '--long=23', '-T1'], tar) }
    : { name: `${name}.tar.gz`, bytes: await through('gzip', ['-9nc'], tar) };
}

/**
 * Python's packages compile all their modules when they are configured, which in the emulated machine takes minutes; Python compiles what is
 * imported by itself.
 */
export function withoutCompiling(script: string): string {
  return script.replaceAll(/^([ \t]*)(py3compile|\S*python3\.\d+ .*\/py_compile\.py) .*$/gm, '$1: # left out by Drydock: compiling all modules');
}

function replaced(entries: readonly TarEntry[], name: string, content: (old: string) => string): TarEntry[] {
  return entries.map(entry => (entry.path === name ? withContent(entry, Buffer.from(content(entry.content.toString('utf8')), 'utf8')) : entry));
}

/** Makes a .deb anew: without manuals, documentation but the copyright, and translations. `original` is Debian's file name of it. */
export async function repackDeb(deb: Buffer, original: string, compression: DebCompression): Promise<RepackedDeb> {
  const members = readAr(deb);
  const controls = readTar(await unpackMember(members, 'control'));
  const source = controls.find(entry => entry.path === 'control');
  if (source === undefined) throw new Error(`${original} has no control file`);
  const fields = parseControl(source.content.toString('utf8'));
  const pruned = pruneEntries(readTar(await unpackMember(members, 'data')));
  const files = fields.get('Package')! in NOT_NEEDED ? withoutPerl(pruned) : pruned;
  const paths = new Set(files.map(({ path }) => path));
  const control = repackedControl(fields, original, installedSize(files));
  const withControl = replaced(controls, 'control', () => formatControl(control));
  const all = replaced(replaced(withControl, 'postinst', withoutCompiling), 'md5sums', old =>
    old
      .split('\n')
      .filter(line => line === '' || paths.has(line.slice(line.indexOf('  ') + 2)))
      .join('\n'),
  );
  const bytes = writeAr(
    [
      { name: 'debian-binary', bytes: Buffer.from('2.0\n') },
      await packMember('control', writeTar(all), compression),
      await packMember('data', writeTar(files), compression),
    ],
    0,
  );
  return { bytes, control };
}

/** SHA-256 in hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
