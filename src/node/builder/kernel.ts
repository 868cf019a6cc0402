import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackage } from './debian-packages.ts';
import { lockedPackage, type DebianLock } from './debian-lock.ts';
import { imagesFolder } from './folders.ts';
import { runProgram } from './run.ts';
import { runStep, type BuiltStep } from './step.ts';

/** A kernel to be compiled from Debian's source package. */
interface KernelRecipe {
  /** The name of its step. */
  readonly name: string;
  /** Options on top of `allnoconfig`. */
  readonly optionsFile: string;
  /** About how many files are compiled, for whoever waits. */
  readonly fileCount: number;
  /** How far it gives way to other steps that run beside it: 0 not at all, 19 wholly. */
  readonly niceness: number;
}

const REPORT_EVERY_FILES = 200;
/** Debian's package of the kernel's source. */
const SOURCE_PACKAGE = 'linux-source-6.12';

/** One line of the source that is compiled otherwise than Debian does. */
interface SourceChange {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** IPVS looks every second, in each network namespace, whether it is under attack: an idle machine would never rest. Every ten minutes will do. */
const SOURCE_CHANGES: readonly SourceChange[] = [
  { file: 'net/netfilter/ipvs/ip_vs_ctl.c', from: '#define DEFENSE_TIMER_PERIOD\t1*HZ', to: '#define DEFENSE_TIMER_PERIOD\t600*HZ' },
];

async function changeSource(source: string, { file, from, to }: SourceChange): Promise<void> {
  const path = join(source, file);
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} of this kernel has no "${from}": see SOURCE_CHANGES in kernel.ts`);
  await writeFile(path, text.replace(from, to));
}

/** Throws when Kconfig dropped or changed an option that our list asks for. */
async function checkOptions(configFile: string, optionsFile: string): Promise<void> {
  const config = new Set((await readFile(configFile, 'utf8')).split('\n'));
  const wanted = (await readFile(optionsFile, 'utf8')).split('\n').filter(line => line.startsWith('CONFIG_'));
  const lost = wanted.filter(line => (line.endsWith('=n') ? [...config].some(one => one.startsWith(line.slice(0, -1))) : !config.has(line)));
  if (lost.length > 0) throw new Error(`these options of ${optionsFile} do not hold in this kernel: ${lost.join(', ')}`);
}

async function unpackSource(deb: string, folder: string): Promise<string> {
  await runProgram('dpkg-deb', ['-x', deb, folder]);
  const [archive] = (await readdir(join(folder, 'usr/src'))).filter(name => name.endsWith('.tar.xz'));
  await runProgram('tar', ['xf', join(folder, 'usr/src', archive!), '-C', folder]);
  const [source] = (await readdir(folder)).filter(name => name.startsWith('linux-source'));
  return join(folder, source!);
}

async function compile(source: string, recipe: KernelRecipe, folder: string, report: (message: string) => void): Promise<void> {
  const make = ['-C', source, 'ARCH=i386', 'KBUILD_BUILD_TIMESTAMP=2026-01-01', 'KBUILD_BUILD_USER=drydock', 'KBUILD_BUILD_HOST=drydock'];
  await runProgram('make', [...make, `KCONFIG_ALLCONFIG=${recipe.optionsFile}`, 'allnoconfig']);
  await checkOptions(join(source, '.config'), recipe.optionsFile);
  let files = 0;
  const onLine = (line: string) => {
    if (/^ {2}(CC|AS) /.test(line) && ++files % REPORT_EVERY_FILES === 0) report(`compiled ${files} files of about ${recipe.fileCount}`);
  };
  await runProgram('nice', ['-n', String(recipe.niceness), 'make', ...make, `-j${availableParallelism()}`, 'bzImage'], { onLine });
  await cp(join(source, 'arch/x86/boot/bzImage'), join(folder, 'bzImage'));
  await cp(join(source, 'System.map'), join(folder, 'System.map'));
}

function build(lock: DebianLock, recipe: KernelRecipe): Promise<BuiltStep> {
  return runStep({
    name: recipe.name,
    files: [recipe.optionsFile, import.meta.filename],
    values: [lockedPackage(lock, 'build', SOURCE_PACKAGE).sha256],
    async build(folder, report) {
      const deb = await fetchPackage(lock, 'build', SOURCE_PACKAGE);
      const work = await mkdtemp(join(tmpdir(), `drydock-${recipe.name}-`));
      try {
        report('unpacking the source');
        const source = await unpackSource(deb, work);
        for (const change of SOURCE_CHANGES) await changeSource(source, change);
        await compile(source, recipe, folder, report);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
  });
}

/** Compiles the guest's kernel: bzImage and System.map. About 4 minutes on 2 cores. */
export function buildKernel(lock: DebianLock): Promise<BuiltStep> {
  return build(lock, { name: 'kernel', optionsFile: join(imagesFolder, 'kernel', 'options.config'), fileCount: 1200, niceness: 0 });
}

/** Compiles the kernel of the lab's virtual machine, of the same source. About 2 minutes on 2 cores; nothing but the lab waits for it. */
export function buildVmKernel(lock: DebianLock): Promise<BuiltStep> {
  return build(lock, { name: 'vm-kernel', optionsFile: join(imagesFolder, 'vm', 'kernel.config'), fileCount: 700, niceness: 15 });
}
