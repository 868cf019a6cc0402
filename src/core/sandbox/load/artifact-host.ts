/** The files a machine and the services of its network need apart from their blobs. */
export type ArtifactName =
  'machine.json' | 'hub.json' | 'packages.json' | 'npm.json' | 'archive.json' | 'vm.json' | 'v86.wasm' | 'bios.bin' | 'vgabios.bin' | 'bzImage';

/**
 * Where the sandbox gets its bytes: the site in a worker, the build's cache in Node. Checking, unpacking and trying again
 * are done by the sandbox; a host only reads. Every method rejects when the bytes cannot be read.
 */
export interface ArtifactHost {
  readFile(name: ArtifactName, onBytes: (count: number) => void): Promise<ArrayBuffer>;
  /** `fresh` asks to go round caches: what came before was damaged. */
  readBlob(sha256: string, fresh: boolean): Promise<Uint8Array>;
}
