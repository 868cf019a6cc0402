/** Under which names a site keeps files in the browser. They have its path: other sites of the same host have their own. */
export interface CacheNames {
  /** Files of releases, by their content: what two releases have in common is there once. */
  readonly files: string;
  /** The list of files of each release that is kept whole. It is written last: what a broken-off download left behind counts for nothing. */
  readonly releases: string;
  /** Pieces of the machine, the hub's images and Python packages. */
  readonly blobs: string;
  /** What came from servers outside. */
  readonly upstream: string;
}

/** Another number makes a browser begin anew: the older service worker does not know what the newer one has kept. */
const LAYOUT = 1;

/** `site` ends with a slash. */
export function cacheNames(site: string): CacheNames {
  const prefix = `drydock:${new URL(site).pathname}:`;
  return {
    files: `${prefix}files-${LAYOUT}`,
    releases: `${prefix}releases-${LAYOUT}`,
    blobs: `${prefix}blobs-${LAYOUT}`,
    upstream: `${prefix}upstream-${LAYOUT}`,
  };
}

/** The key of a file of a release; no file of the site has this address. */
export function fileKey(site: string, sha256: string): string {
  return `${site}kept/${sha256}`;
}

/** The address of a blob, which is its key as well. */
export function blobAddress(site: string, sha256: string): string {
  return new URL(`machine/blobs/${sha256}.zst`, site).href;
}

/** The SHA-256 of the blob with this address; undefined for any other address. */
export function sha256OfBlobAddress(address: string): string | undefined {
  return /\/machine\/blobs\/([0-9a-f]{64})\.zst$/.exec(address)?.[1];
}

/** The lock that each page of a release holds, so that its files are not dropped while it is open. */
export function releaseLock(site: string, id: string): string {
  return `${releaseLockPrefix(site)}${id}`;
}

/** What the names of all these locks of a site begin with. */
export function releaseLockPrefix(site: string): string {
  return `drydock-release:${new URL(site).pathname}:`;
}

/** Header of an answer that the service worker gave because the server did not. */
export const KEPT_HEADER = 'x-drydock-kept';

/** What a page asks of the service worker, with a port for the answer. */
export type KeepMessage = { readonly kind: 'keep-release'; readonly release: string } | { readonly kind: 'remove-kept' };

/** What the service worker answers on the port, once. */
export type KeepAnswer =
  | { readonly kind: 'kept' }
  | { readonly kind: 'removed' }
  /** `other-release`: the server has another one by now. `refused`: the browser stores nothing more. `message` is for a developer. */
  | { readonly kind: 'not-kept'; readonly why: 'other-release' | 'download-failed' | 'refused'; readonly message: string };
