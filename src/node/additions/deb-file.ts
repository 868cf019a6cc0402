import { gzipSync } from 'node:zlib';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import { readAr, writeAr, type ArMember } from '../builder/archive/ar.ts';
import { parseControl, type ControlFields } from '../builder/archive/control-fields.ts';
import { runProgram } from '../builder/run.ts';
import { isVersion } from '../../core/archive/debian-version.ts';

/** A .deb that was looked through and fits this machine. */
export interface DebFile {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly control: ControlFields;
  /** `hello_1.0-1_all.deb`: without the epoch, as Debian names its files. */
  readonly filename: string;
}

const NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const ARCHITECTURES = new Set(['i386', 'all']);
const FORMAT_MEMBER = 'debian-binary';

/** The control fields of a package; the program checks the file's structure. */
export async function readControl(file: string): Promise<ControlFields> {
  const lines: string[] = [];
  await runProgram('dpkg-deb', ['--field', file], { onLine: line => lines.push(line) });
  return parseControl(lines.join('\n'));
}

async function checkWhole(file: string): Promise<void> {
  const members = readAr(await readFile(file));
  const format = members[0]?.name === FORMAT_MEMBER ? members[0].bytes.toString('latin1') : '';
  if (!format.startsWith('2.')) throw new Error('It is not a .deb: its first part is not "debian-binary" of the format 2.0.');
  await runProgram('dpkg-deb', ['--contents', file]).catch((error: unknown) => {
    const lines = messageOf(error).split('\n');
    const said = lines.reverse().find(line => line.startsWith('dpkg-deb: ')) ?? lines[0];
    throw new Error(`It is damaged: ${said}. Copy or download it again.`, { cause: error });
  });
}

/** Reads a .deb and checks that it is whole and for this machine. Throws sentences that say what is wrong. */
export async function readDebFile(file: string): Promise<DebFile> {
  await checkWhole(file);
  const control = await readControl(file);
  const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map(field => control.get(field));
  if (!NAME.test(name) || !isVersion(version)) throw new Error('Its control file does not give a valid Package and Version.');
  if (!ARCHITECTURES.has(architecture)) {
    throw new Error(
      `It is for ${architecture || 'no architecture'}, and this machine is a 32-bit PC: a package that fits has Architecture i386 or all. ` +
        `If Debian has it, apt-get download ${name}:i386 gets it (after dpkg --add-architecture i386 and apt-get update).`,
    );
  }
  return { name, version, architecture, control, filename: `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb` };
}

async function packed(tar: string, name: string, compression: 'zstd' | 'gzip'): Promise<ArMember> {
  if (compression === 'gzip') return { name: `${name}.tar.gz`, bytes: gzipSync(await readFile(tar), { level: 9 }) };
  await runProgram('zstd', ['-q', '-9', '-T1', tar, '-o', `${tar}.zst`]);
  return { name: `${name}.tar.zst`, bytes: await readFile(`${tar}.zst`) };
}

/** A .deb with its content as it is, compressed in the way that costs the guest the least; the dpkg of Debian 11 does not read zstd. */
export async function recompressed(file: string, compression: 'zstd' | 'gzip'): Promise<Buffer> {
  const place = await mkdtemp(join(tmpdir(), 'drydock-deb-'));
  try {
    const members: ArMember[] = [{ name: FORMAT_MEMBER, bytes: Buffer.from('2.0\n') }];
    for (const [name, option] of [
      ['control', '--ctrl-tarfile'],
      ['data', '--fsys-tarfile'],
    ] as const) {
      const tar = join(place, `${name}.tar`);
      await runProgram('sh', ['-c', `dpkg-deb ${option} "$1" > "$2"`, 'sh', file, tar]);
      members.push(await packed(tar, name, compression));
    }
    return writeAr(members, 0);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
