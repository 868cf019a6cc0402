import type { TextRange } from './finding.ts';

/** One entry of the completion list. */
export interface Proposal {
  readonly label: string;
  readonly kind: 'image' | 'stage' | 'keyword' | 'variable' | 'folder' | 'option';
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  readonly newText: string;
  readonly isSnippet: boolean;
  readonly range: TextRange;
  readonly sortText: string;
}
