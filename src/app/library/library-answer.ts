import { nearestImage } from '../../core/hub/nearest-image.ts';
import type { HubImageSummary } from '../../core/protocol/sandbox.ts';
import { matches } from './library-entries.ts';

/** What the library says to an image's name that somebody typed into its search. */
export interface LibraryAnswer {
  readonly asked: string;
  /** Follows "There is no X here:". */
  readonly advice: string;
  /** What to use instead, and the image's name without a tag; undefined where nothing is near. */
  readonly reference: string | undefined;
  readonly name: string | undefined;
}

/** Shorter than that anything may yet become of it. */
const SHORTEST_NAME = 3;

/** Undefined for words that are not the name of an image, and while the typed text itself finds something. */
export function answerFor(search: string, images: readonly HubImageSummary[]): LibraryAnswer | undefined {
  const typed = search.trim().replace(/^docker (?:image )?(?:pull|run) /, '');
  if (typed.length < SHORTEST_NAME || /\s/.test(typed) || images.some(image => matches(image, typed))) return undefined;
  const { kind, asked, advice, reference } = nearestImage(typed, images);
  if (kind === 'here') return undefined;
  return { asked, advice, reference, name: reference?.slice(0, reference.lastIndexOf(':')) };
}
