import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactHost, ArtifactName } from '../../core/sandbox/load/artifact-host.ts';
import type { BuiltMachine } from '../builder/build-guest.ts';
import { wasmFile } from '../builder/offline-guest.ts';

/** Reads a built guest from the cache, for a sandbox in Node; the lab's virtual machine may still be under way. */
export function folderHost(guest: BuiltMachine & { readonly vm?: string }): ArtifactHost {
  const files: Partial<Record<ArtifactName, string>> = {
    'machine.json': join(guest.snapshot, 'machine.json'),
    'hub.json': join(guest.hub, 'hub.json'),
    'packages.json': join(guest.packages, 'packages.json'),
    'npm.json': join(guest.npm, 'npm.json'),
    'archive.json': join(guest.archive, 'archive.json'),
    ...(guest.vm !== undefined && { 'vm.json': join(guest.vm, 'vm.json') }),
    'v86.wasm': wasmFile,
    'bios.bin': guest.firmware.bios,
    'vgabios.bin': guest.firmware.vgaBios,
    bzImage: guest.kernel,
  };
  return {
    async readFile(name, onBytes) {
      const file = files[name];
      if (file === undefined) throw new Error(`${name} was not built`);
      const bytes = await readFile(file);
      onBytes(bytes.length);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    },
    async readBlob(sha256) {
      const places = [guest.snapshot, guest.hub, guest.packages, guest.npm, guest.archive, ...(guest.vm === undefined ? [] : [guest.vm])].map(
        folder => join(folder, 'blobs', `${sha256}.zst`),
      );
      return readFile(places.find(place => existsSync(place)) ?? places[0]!);
    },
  };
}
