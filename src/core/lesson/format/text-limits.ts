/*
 * What a lesson's text may be at most. Markdown and YAML can be written so that reading them takes minutes or all memory; a lesson may come from
 * anywhere and is read on the page. Lessons that somebody wrote are far below all of this.
 */

/** What is counted, in a line or in the whole text, and how many are allowed. */
interface Limit {
  readonly most: number;
  count(text: string): number;
  /** Behind "The text has more than …" or "This line has more than …". */
  readonly what: string;
  readonly remedy: string;
}

const counted = (pattern: RegExp) => (text: string) => text.match(pattern)?.length ?? 0;

/** What opens links, emphasis, code, tags, cells of tables and YAML's short forms. */
const SIGNS = /[[{(*_`<&|]/g;
/** What begins a line in a list or a quote. */
const MARKERS = /^(?:[ \t]|>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))*/;

const TEXT_LIMITS: readonly Limit[] = [
  { most: 60_000, count: text => text.length, what: 'characters', remedy: 'Make two lessons of it.' },
  { most: 4_000, count: counted(SIGNS), what: 'brackets, stars, underscores, backticks and bars', remedy: 'Make two lessons of it.' },
  { most: 100, count: counted(/^[ \t]*:::/gm), what: 'lines that begin with `:::`', remedy: 'Use fewer hints.' },
  {
    most: 100,
    count: text => text.split('\n').filter(line => markerCount(line) > 2).length,
    what: 'lines in three lists or quotes',
    remedy: 'Nest less.',
  },
];

const LINE_LIMITS: readonly Limit[] = [
  { most: 2_000, count: line => line.length, what: 'characters', remedy: 'Break it.' },
  { most: 100, count: counted(SIGNS), what: 'brackets, stars, underscores, backticks and bars', remedy: 'Break it.' },
  { most: 6, count: markerCount, what: 'signs of lists or quotes', remedy: 'Nest less.' },
  { most: 60, count: line => (line.trim() === '' ? 0 : line.search(/\S/)), what: 'spaces at its beginning', remedy: 'Indent less.' },
];

function markerCount(line: string): number {
  return MARKERS.exec(line)?.[0].replace(/[^>*+.)-]/g, '').length ?? 0;
}

/** The first place where a text is more than can be read, and why; undefined for any usual one. */
export function textExcess(text: string): { readonly line: number; readonly message: string } | undefined {
  const whole = TEXT_LIMITS.find(limit => limit.count(text) > limit.most);
  if (whole) return { line: 1, message: `The text has more than ${whole.most} ${whole.what}. ${whole.remedy}` };
  for (const [index, line] of text.split('\n').entries()) {
    const limit = LINE_LIMITS.find(one => one.count(line) > one.most);
    if (limit) return { line: index + 1, message: `This line has more than ${limit.most} ${limit.what}. ${limit.remedy}` };
  }
  return undefined;
}
