/** A file from the learner's computer and where it is to go, relative to a folder of the workspace. */
export interface Upload {
  readonly path: string;
  readonly file: File;
}

/** More than anyone means to drop: a whole home directory, say. */
export const MAX_FILES = 2000;

/** Reads what was dropped, folders with all in them. Must be called in the drop event itself. */
export async function droppedUploads(transfer: DataTransfer): Promise<Upload[]> {
  // The list is emptied when the event is over: take the entries out before the first await.
  const items = [...transfer.items].filter(item => item.kind === 'file');
  const dropped = items.map(item => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const uploads: Upload[] = [];
  for (const { entry, file } of dropped) {
    // What comes from a program, not from a disk (a picture of a web page), is a file without an entry.
    if (entry !== null) await collect(entry, '', uploads);
    else if (file !== null) uploads.push({ path: file.name, file });
  }
  return uploads;
}

async function collect(entry: FileSystemEntry, folder: string, uploads: Upload[]): Promise<void> {
  // One more than allowed is enough to say that there are too many.
  if (uploads.length > MAX_FILES) return;
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    uploads.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A directory is read in pieces of at most 100, until an empty one.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const child of batch) await collect(child, path, uploads);
  }
}
