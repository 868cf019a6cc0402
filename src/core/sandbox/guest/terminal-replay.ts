/* What a terminal has shown is played again when a saved machine goes on. Some of it was not to be seen and must not happen twice. */

/** Questions that a terminal answers as if the learner typed: where the cursor is, what it is, its colours, its size. */
// oxlint-disable-next-line no-control-regex -- that is what they are made of
const QUERIES = /\x1b\[[?>=]?[0-9;]*(?:[cnxt]|\$p)|\x1bZ|\x1b\][0-9;]+;\?(?:\x07|\x1b\\)|\x1bP[$+]q[^\x1b]*\x1b\\/g;
/** Marks of the shell at a prompt: how the last command ended, and its text (core/lesson/check/command-marks.ts). */
// oxlint-disable-next-line no-control-regex -- as above
const ENDS = /\x1b\]133;[DE](?:;[^\x07]*)?\x07/g;
/** The mark of a command that begins. */
// oxlint-disable-next-line no-control-regex -- as above
const BEGIN = /\x1b\]133;C(?:;[^\x07]*)?\x07/g;

/** What a terminal shows again of what it has shown: without questions, and without marks but that of a command that still runs. */
export function replayOf(shown: Uint8Array): Uint8Array {
  const text = latin1(shown).replace(QUERIES, '');
  const lastEnd = [...text.matchAll(ENDS)].at(-1)?.index ?? -1;
  const lastBegin = [...text.matchAll(BEGIN)].at(-1)?.index ?? -1;
  return bytesOf(lastBegin > lastEnd ? keepOne(text, lastBegin) : withoutMarks(text));
}

/** Removes all marks but the one at `index`. */
function keepOne(text: string, index: number): string {
  const end = text.indexOf('\x07', index) + 1;
  return withoutMarks(text.slice(0, index)) + text.slice(index, end) + withoutMarks(text.slice(end));
}

function withoutMarks(text: string): string {
  return text.replace(ENDS, '').replace(BEGIN, '');
}

/** One character for each byte. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}
