import type { EmbedOptions } from '../../core/embed/embed-options.ts';
import type { WorkspacePath } from '../../core/workspace/path.ts';

/** What a workspace begins with. */
export type StartFiles = ReadonlyMap<WorkspacePath, Uint8Array>;

/** That this page is a part of another one, and how. */
export interface Embedding {
  readonly options: EmbedOptions;
  /** The origin of the page around, as the browser tells it; undefined where it does not. */
  readonly host: string | undefined;
  /** What a first visit finds; resolves with undefined for the usual. */
  readonly startFiles: Promise<StartFiles | undefined>;
}

/** The name of a workspace and of everything that is kept with it. Two paths of one origin (a host with many projects) keep theirs apart, and so does each embed. */
export function workspaceNameOf(baseUrl: string, embedding: Embedding | undefined): string {
  const own = `drydock:${new URL('.', baseUrl).pathname}`;
  if (embedding === undefined) return own;
  // The host's part comes from the browser, not from the address: no host can name another's.
  const { workspace = '', lesson = '' } = embedding.options;
  return [own, 'embed', embedding.host ?? '', workspace, lesson].map(encodeURIComponent).join(':');
}

/** Names the machine of an embed among others of the same site. */
export function randomSandboxName(): string {
  return [...crypto.getRandomValues(new Uint8Array(6))].map(byte => byte.toString(36).padStart(2, '0')).join('');
}
