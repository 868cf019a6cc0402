import { SandboxError } from '../core/base/errors.ts';
import type { SnapshotFolder } from '../core/snapshots/snapshot-folder.ts';

/** How long the machine of a page that is being left may take to let go of the folder. */
const LOCK_MILLISECONDS = 5000;

/**
 * Keeps saved machines in the origin's private file system (https://fs.spec.whatwg.org), in a folder of the given name. In a worker only: the page has no
 * writing at once. Undefined where the browser has none or refuses it: private windows, some frames, no secure context.
 * One worker at a time has a folder, as long as it lives; rejects with `timed-out` where another one does not let go.
 */
export async function opfsSnapshotFolder(name: string): Promise<SnapshotFolder | undefined> {
  if (typeof FileSystemFileHandle === 'undefined' || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return undefined;
  let handle: FileSystemDirectoryHandle;
  try {
    const root = await navigator.storage.getDirectory();
    handle = await root.getDirectoryHandle(folderName(name), { create: true });
  } catch {
    return undefined;
  }
  await ownFolder(name);
  return folderOf(handle);
}

/** Names of workspaces hold slashes, which names of folders do not. */
function folderName(name: string): string {
  return `machine ${encodeURIComponent(name)}`;
}

function ownFolder(name: string): Promise<void> {
  const signal = AbortSignal.timeout(LOCK_MILLISECONDS);
  return new Promise((resolve, reject) => {
    const hold = (): Promise<never> => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    navigator.locks.request(`drydock-${name}`, { signal }, hold).catch((cause: unknown) => {
      reject(
        new SandboxError('timed-out', 'Another tab of this browser still holds the saved machines: close it, then reload this page.', { cause }),
      );
    });
  });
}

function folderOf(folder: FileSystemDirectoryHandle): SnapshotFolder {
  return {
    async list() {
      const entries: { name: string; bytes: number }[] = [];
      for await (const handle of folder.values()) {
        // What was removed in between is not there.
        const file = handle.kind === 'file' ? await handle.getFile().catch(() => undefined) : undefined;
        if (file !== undefined) entries.push({ name: handle.name, bytes: file.size });
      }
      return entries;
    },
    async read(name, offset, bytes) {
      const file = await (await folder.getFileHandle(name)).getFile();
      if (file.size < offset + bytes) throw new Error(`${name} ends before byte ${offset + bytes}`);
      return new Uint8Array(await file.slice(offset, offset + bytes).arrayBuffer());
    },
    async create(name) {
      const handle = await folder.getFileHandle(name, { create: true });
      const access = await handle.createSyncAccessHandle();
      let at = 0;
      return {
        write(bytes) {
          for (let done = 0; done < bytes.length;) {
            const written = access.write(bytes.subarray(done), { at });
            // Some browsers say so instead of throwing.
            if (written === 0) throw new DOMException('no room left', 'QuotaExceededError');
            done += written;
            at += written;
          }
        },
        close() {
          access.flush();
          access.close();
          return Promise.resolve();
        },
        async abandon() {
          access.close();
          await folder.removeEntry(name);
        },
      };
    },
    async remove(name) {
      await folder.removeEntry(name).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
      });
    },
  };
}
