/** The room that the browser gives this site, in bytes. */
export interface StorageRoom {
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** The browser has promised not to clear it by itself. */
  readonly isPersistent: boolean;
}

/** Undefined where the browser does not say. */
export async function measureRoom(): Promise<StorageRoom | undefined> {
  try {
    const [{ quota = 0, usage = 0 }, isPersistent] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
    return { usedBytes: usage, freeBytes: Math.max(0, quota - usage), isPersistent };
  } catch {
    return undefined;
  }
}

/** Asks the browser not to clear what it keeps; on a click, because some browsers ask the learner. The answer changes nothing here. */
export async function askToPersist(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}
