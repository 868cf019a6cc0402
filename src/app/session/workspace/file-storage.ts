import { SandboxError } from '../../../core/base/errors.ts';
import type { WorkspacePath } from '../../../core/workspace/path.ts';

/** A file or a folder of the workspace, as it is stored and held in memory. */
export type Entry = { readonly kind: 'file'; readonly content: Uint8Array; readonly executable: boolean } | { readonly kind: 'folder' };

/** Where the workspace outlives the page. */
export interface FileStorage {
  /** All entries, or undefined where nothing was ever stored. */
  load(): Promise<Map<WorkspacePath, Entry> | undefined>;
  /** Writes all or nothing. */
  save(puts: ReadonlyMap<WorkspacePath, Entry>, deletes: readonly WorkspacePath[]): Promise<void>;
}

const FILES = 'files';
const META = 'meta';
const INITIALISED = 'initialised';

/** The browser's IndexedDB, one record per path. Rejects with `storage-refused` where the browser keeps nothing. */
export function createIndexedDbStorage(databaseName: string): FileStorage {
  let opened: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => (opened ??= openDatabase(databaseName));
  return {
    async load() {
      const transaction = (await database()).transaction([FILES, META], 'readonly');
      const initialised = resultOf(transaction.objectStore(META).get(INITIALISED));
      const paths = resultOf(transaction.objectStore(FILES).getAllKeys());
      const entries = resultOf(transaction.objectStore(FILES).getAll());
      const [isInitialised, keys, values] = await Promise.all([initialised, paths, entries]);
      if (isInitialised === undefined) return undefined;
      return new Map(keys.map((key, index) => [String(key), values[index] as Entry]));
    },
    async save(puts, deletes) {
      const transaction = (await database()).transaction([FILES, META], 'readwrite');
      const files = transaction.objectStore(FILES);
      for (const path of deletes) files.delete(path);
      for (const [path, entry] of puts) files.put(entry, path);
      transaction.objectStore(META).put(true, INITIALISED);
      await doneOf(transaction);
    },
  };
}

/** A storage that neither reads nor writes while `refusal` gives a reason: another page works on what is there. */
export function createGuardedStorage(storage: FileStorage, refusal: () => SandboxError | undefined): FileStorage {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    const reason = refusal();
    if (reason !== undefined) throw reason;
    return work();
  };
  return {
    load: () => guarded(() => storage.load()),
    save: (puts, deletes) => guarded(() => storage.save(puts, deletes)),
  };
}

/** Keeps in memory what the browser's storage refuses, so that a workspace that was left can be come back to while the page is open. */
export function createRememberingStorage(storage: FileStorage): FileStorage {
  const puts = new Map<WorkspacePath, Entry>();
  const deletes = new Set<WorkspacePath>();
  return {
    async load() {
      const stored = await storage.load().catch((error: unknown) => {
        // A first visit, as far as anyone can know.
        if (puts.size === 0) throw error;
        return undefined;
      });
      if (puts.size === 0 && deletes.size === 0) return stored;
      const all = new Map([...(stored ?? []), ...puts]);
      for (const path of deletes) all.delete(path);
      return all;
    },
    async save(newPuts, newDeletes) {
      for (const [path, entry] of newPuts) {
        puts.set(path, entry);
        deletes.delete(path);
      }
      for (const path of newDeletes) {
        deletes.add(path);
        puts.delete(path);
      }
      await storage.save(puts, [...deletes]);
      puts.clear();
      deletes.clear();
    },
  };
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(new SandboxError('storage-refused', 'This browser does not let the page store files.', { cause }));
    try {
      // Reading the property itself throws in a frame whose storage is blocked.
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(FILES);
        request.result.createObjectStore(META);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => refuse(request.error);
    } catch (error) {
      refuse(error);
    }
  });
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storageError(request.error));
  });
}

function doneOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(storageError(transaction.error));
  });
}

function storageError(cause: DOMException | null): SandboxError {
  const message = cause?.name === 'QuotaExceededError' ? 'The browser’s storage is full.' : 'The browser’s storage did not take the change.';
  return new SandboxError('storage-refused', message, { cause });
}
