import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactHost, ArtifactName } from '../../core/sandbox/artifact-host.ts';
import type { BuiltGuest } from '../builder/build-guest.ts';
import { wasmFile } from '../builder/offline-guest.ts';

/** Reads a built guest from the cache, for a sandbox in Node. */
export function folderHost(guest: Omit<BuiltGuest, 'firstReads'>): ArtifactHost {
  const files: Record<ArtifactName, string> = {
    'machine.json': join(guest.snapshot, 'machine.json'),
    'hub.json': join(guest.hub, 'hub.json'),
    'packages.json': join(guest.packages, 'packages.json'),
    'vm.json': join(guest.vm, 'vm.json'),
    'v86.wasm': wasmFile,
    'bios.bin': guest.firmware.bios,
    'vgabios.bin': guest.firmware.vgaBios,
    bzImage: guest.kernel,
  };
  return {
    async readFile(name, onBytes) {
      const bytes = await readFile(files[name]);
      onBytes(bytes.length);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    },
    async readBlob(sha256) {
      const places = [guest.snapshot, guest.hub, guest.packages, guest.vm].map(folder => join(folder, 'blobs', `${sha256}.zst`));
      return readFile(places.find(place => existsSync(place)) ?? places[0]!);
    },
  };
}
