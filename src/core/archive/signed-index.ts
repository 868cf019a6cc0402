import { hexOf } from '../base/bytes.ts';
import { digestOf } from '../base/file-digest.ts';
import { archiveKey, KEY_SECONDS } from './archive-key.ts';
import type { MergedIndex } from './merged-index.ts';
import { clearSigned, signedText } from './openpgp-signature.ts';

/** An index that the page made. */
export interface MadeIndex {
  readonly names: ReadonlySet<string>;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** What its release says about when it was made, in seconds since 1970. It may grow. */
  seconds: number;
}

/** The path of the list of packages below a suite. */
const LIST = 'main/binary-i386/Packages';
/** A signature must not be of the future to the guest, whose clock may be a little behind. */
const SLACK_SECONDS = 120;

let lastSeconds = KEY_SECONDS;

/** Makes an index to be handed out: none has the same time as another, by which apt tells them apart. */
export function madeIndex({ names, text }: MergedIndex, nowMilliseconds: number): MadeIndex {
  const bytes = new TextEncoder().encode(text);
  const sha256 = hexOf(digestOf('sha256', bytes));
  lastSeconds = Math.max(Math.floor(nowMilliseconds / 1000) - SLACK_SECONDS, lastSeconds + 1);
  return { names, bytes, sha256, seconds: lastSeconds };
}

/** A time later than that of what apt has, for a release that takes its place, and like no other that was given. */
export function laterThan(known: number, nowMilliseconds: number): number {
  // A computer whose clock is wrong must not put all others into the future.
  if (known >= nowMilliseconds / 1000) return known + 1;
  lastSeconds = Math.max(lastSeconds, known) + 1;
  return lastSeconds;
}

/** Is it the time of an index that the page made? Those that the builder made are as old as the key, or older. */
export function isOfThePage(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds > KEY_SECONDS;
}

/** A time as HTTP has it. */
export function httpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}

/** The other direction; undefined if the text is not one. */
export function secondsOf(date: string | undefined): number | undefined {
  const milliseconds = Date.parse(date ?? '');
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/**
 * A signed release once more with another time, and with another index where one is given. apt keeps the release that it has when it gets an older one.
 * Throws where it is no signed release.
 */
export function signedAgain(release: string, own: { readonly sha256: string }, seconds: number, index?: MadeIndex): string {
  const text = signedText(release);
  if (text === undefined) throw new Error('the release of the archive is not signed');
  const dated = text.replace(/^Date: .*$/m, `Date: ${httpDate(seconds).replace('GMT', 'UTC')}`);
  if (index === undefined) return clearSigned(archiveKey(), dated, seconds);
  const line = new RegExp(`^ ${own.sha256} \\d+ ${LIST}$`, 'm');
  // By its digest, so that nobody gets another index than the release names, however soon the next one is made.
  const merged = dated.replace(line, ` ${index.sha256} ${index.bytes.length} ${LIST}`).replace(/^Acquire-By-Hash: no$/m, 'Acquire-By-Hash: yes');
  return clearSigned(archiveKey(), merged, seconds);
}
