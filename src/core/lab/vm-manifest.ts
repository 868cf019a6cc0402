import { otherVersionError } from '../base/errors.ts';
import type { Pieces } from '../base/pieces.ts';

/** Changes when the meaning of the fields below changes. */
export const VM_FORMAT = 1;

/** Memory that the virtual machine is given, in bytes: all of it from the start, as it is with virtual machines. */
export const VM_MEMORY_BYTES = 64 * 1024 * 1024;

/** vm.json: what the lab's virtual machine is started from. */
export interface VmManifest {
  readonly format: number;
  /** A bzImage. */
  readonly kernel: Pieces;
  /** A cpio archive: the root file system, which stays in memory. */
  readonly root: Pieces;
}

/** Checks that a parsed vm.json is of this format; throws `snapshot-mismatch` otherwise. */
export function checkVmManifest(value: unknown): VmManifest {
  const manifest = value as VmManifest | null;
  if (manifest?.format !== VM_FORMAT) throw otherVersionError('The virtual machine on this site is');
  return manifest;
}
