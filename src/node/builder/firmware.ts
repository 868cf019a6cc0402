import { join } from 'node:path';
import { fetchPackage } from './debian-packages.ts';
import { lockedPackage, type DebianLock } from './debian-lock.ts';
import { runProgram } from './run.ts';
import { runStep, type BuiltStep } from './step.ts';

/** The PC's BIOS and VGA BIOS, from Debian's seabios package: bios.bin and vgabios.bin. */
export function buildFirmware(lock: DebianLock): Promise<BuiltStep> {
  return runStep({
    name: 'firmware',
    files: [import.meta.filename],
    values: [lockedPackage(lock, 'build', 'seabios').sha256],
    async build(folder) {
      const deb = await fetchPackage(lock, 'build', 'seabios');
      await runProgram('dpkg-deb', ['-x', deb, folder]);
      await runProgram('cp', [join(folder, 'usr/share/seabios/bios.bin'), join(folder, 'bios.bin')]);
      await runProgram('cp', [join(folder, 'usr/share/seabios/vgabios-stdvga.bin'), join(folder, 'vgabios.bin')]);
      await runProgram('rm', ['-r', join(folder, 'usr')]);
    },
  });
}
