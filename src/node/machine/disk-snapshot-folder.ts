import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotFolder } from '../../core/snapshots/snapshot-folder.ts';

/** Keeps saved machines in a folder of this computer, which is made if need be. */
export function diskSnapshotFolder(folder: string): SnapshotFolder {
  return {
    async list() {
      await mkdir(folder, { recursive: true });
      const names = await readdir(folder);
      const sizes = await Promise.all(names.map(name => stat(join(folder, name)).catch(() => undefined)));
      // What was removed in between is not there.
      return names.flatMap((name, index) => (sizes[index] === undefined ? [] : [{ name, bytes: sizes[index].size }]));
    },
    async read(name, offset, bytes) {
      const file = await open(join(folder, name), 'r');
      try {
        const content = new Uint8Array(bytes);
        const { bytesRead } = await file.read(content, 0, bytes, offset);
        if (bytesRead < bytes) throw new Error(`${name} ends before byte ${offset + bytes}`);
        return content;
      } finally {
        await file.close();
      }
    },
    async create(name) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, name);
      const file = openSync(path, 'wx');
      return {
        write(bytes) {
          for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
        },
        close() {
          fsyncSync(file);
          closeSync(file);
          return Promise.resolve();
        },
        abandon() {
          closeSync(file);
          return rm(path, { force: true });
        },
      };
    },
    remove: name => rm(join(folder, name), { force: true }),
  };
}
