import type { WorkspacePath } from './path.ts';

/**
 * One change of the workspace, made on the page or in the guest. Parents of a written file exist or are made.
 * The guest's `removed` may name a folder with everything in it, and its `written` may name a file that exists.
 */
export type FileChange =
  | { readonly kind: 'written'; readonly path: WorkspacePath; readonly content: Uint8Array; readonly executable: boolean }
  | { readonly kind: 'folder'; readonly path: WorkspacePath }
  | { readonly kind: 'removed'; readonly path: WorkspacePath }
  | { readonly kind: 'renamed'; readonly path: WorkspacePath; readonly to: WorkspacePath };

/** The largest file the workspace takes, in bytes: it lives in memory, in the browser's storage and in the guest at once. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** The most all files of the workspace may take together, in bytes. */
export const MAX_WORKSPACE_BYTES = 128 * 1024 * 1024;

/** The most files, folders and links the workspace may hold: each costs memory even when empty. */
export const MAX_WORKSPACE_ENTRIES = 100_000;
