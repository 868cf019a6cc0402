import type { TextPattern } from './text-pattern.ts';

/** A text as code, in backticks, on one line. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.includes('`') ? `"${line}"` : `\`${line}\``;
}

/** The same, cut where it is long. */
export function excerpt(text: string, length = 120): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return code(line.length > length ? `${line.slice(0, length)}…` : line);
}

/** `a`, `b` and `c`; of many only the first. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map(code);
  if (names.length > most) return `${shown.join(', ')} and ${names.length - most} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** What a pattern asks for. */
export function wanted(pattern: TextPattern): string {
  return pattern.isExpression ? `something that fits ${code(pattern.source)}` : code(pattern.source);
}

/** What several patterns ask for. */
export function allWanted(patterns: readonly TextPattern[]): string {
  return patterns.map(wanted).join(' and ');
}

/** 1 layer, 2 layers. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names that resemble `name`, the most similar first: of those that share a part, or differ by little. */
export function similar(name: string, names: readonly string[]): readonly string[] {
  const scored = names.map(one => ({ one, score: likeness(name, one) })).filter(({ score }) => score >= 0.4);
  return scored.sort((first, second) => second.score - first.score).map(({ one }) => one);
}

/** From 0 to 1: the part of both names' pairs of letters that they have in common (Dice). */
function likeness(one: string, other: string): number {
  const [first, second] = [pairs(one), pairs(other)];
  if (first.length + second.length === 0) return one.toLowerCase() === other.toLowerCase() ? 1 : 0;
  const rest = [...second];
  let common = 0;
  for (const pair of first) {
    const index = rest.indexOf(pair);
    if (index === -1) continue;
    rest.splice(index, 1);
    common++;
  }
  return (2 * common) / (first.length + second.length);
}

function pairs(text: string): string[] {
  const lower = text.toLowerCase();
  return Array.from({ length: Math.max(0, lower.length - 1) }, (_, index) => lower.slice(index, index + 2));
}
