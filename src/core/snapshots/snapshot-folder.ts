/** A file of the folder. */
export interface FolderEntry {
  readonly name: string;
  readonly bytes: number;
}

/** Writes one new file from its beginning to its end. */
export interface FileWriter {
  /** At once, so that a machine that stands still need not wait for other work. Throws where there is no room. */
  write(bytes: Uint8Array): void;
  /** Resolves when all is where it outlives this program. */
  close(): Promise<void>;
  /** Gives the file up. */
  abandon(): Promise<void>;
}

/**
 * Where saved machines are kept: one flat folder of files that are written once and never changed. The origin's private file system in a
 * browser, a folder in Node. Every method rejects with what the host says.
 */
export interface SnapshotFolder {
  list(): Promise<readonly FolderEntry[]>;
  /** Gives so many bytes from `offset`; rejects where the file does not have them. */
  read(name: string, offset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** A file of this name must not be there. */
  create(name: string): Promise<FileWriter>;
  /** Does nothing where there is no such file. */
  remove(name: string): Promise<void>;
}
