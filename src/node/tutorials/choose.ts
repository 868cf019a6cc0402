import { KINDS, type Transcript } from './transcript.ts';

/** Which transcripts somebody wants. */
export interface Choice {
  /** Parts of names; none means all. */
  readonly words: readonly string[];
  /** None means all. */
  readonly kinds: readonly string[];
  /** Only those of every run of the tests. */
  readonly isCi: boolean;
  /** `2/3`: the second of three parts. */
  readonly shard: string;
}

/** The transcripts of a choice. Throws where it cannot be read, or nothing is chosen. */
export function chosen(transcripts: readonly Transcript[], { words, kinds, isCi, shard }: Choice): readonly Transcript[] {
  const unknown = kinds.find(kind => !(KINDS as readonly string[]).includes(kind));
  if (unknown !== undefined) throw new Error(`There is no kind "${unknown}": ${KINDS.join(', ')}.`);
  const [, part = '', parts = ''] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(shard) ?? [];
  if (part === '' || Number(part) > Number(parts)) throw new Error(`--shard takes a part and how many there are, like 1/2, not "${shard}".`);
  const found = transcripts.filter(
    ({ name, kind, ci }) =>
      (words.length === 0 || words.some(word => name.includes(word))) && (kinds.length === 0 || kinds.includes(kind)) && (!isCi || ci === true),
  );
  if (found.length === 0) throw new Error('No transcript is chosen by that: `npm run tutorials -- --list` names them all.');
  // Every second one, not the first half: neighbours are alike, and cost alike.
  return found.filter((_, index) => index % Number(parts) === Number(part) - 1);
}
