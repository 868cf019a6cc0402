import type { LintOptions, TextPosition, TextRange } from './finding.ts';
import type { Proposal } from './proposal.ts';
import { createLintContext, type LintContext, type Stage, type Step } from './lint-context.ts';

/**
 * Completion wherever an image is named: after FROM and in COPY --from=.
 * Nothing (as opposed to an empty list) means that the position is elsewhere.
 */
export function completeImage(text: string, position: TextPosition, options: LintOptions): Proposal[] | undefined {
  const context = createLintContext(text, options);
  const offset = context.source.offsetAt(position);
  const step = context.steps.findIndex(candidate => contains(context, candidate, offset));
  const found = context.steps[step];
  if (found === undefined) return undefined;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  const stages = context.stages.filter(({ from }) => from.span.start < found.span.start);
  if (found.keyword === 'FROM' && !found.isTrigger) return completeFrom(context, found, offset, stages);
  const copied = found.keyword === 'COPY' ? /\s--from=(\S*)$/.exec(before)?.[1] : undefined;
  if (copied === undefined) return undefined;
  // The last stage so far is the one that copies.
  return proposeImages(context, wordRange(context, offset - copied.length, offset), stages.slice(0, -1), true);
}

function contains({ source }: LintContext, { keywordSpan, span }: Step, offset: number): boolean {
  if (offset <= keywordSpan.end) return false;
  // The parser leaves blanks at the end out of the instruction, yet one types there.
  return offset <= span.end || /^[ \t]*$/.test(source.text.slice(span.end, offset));
}

function completeFrom(context: LintContext, step: Step, offset: number, stages: readonly Stage[]): Proposal[] {
  const { text } = context.source;
  const typed = /\S*$/.exec(text.slice(step.keywordSpan.end, offset))?.[0] ?? '';
  const range = wordRange(context, offset - typed.length, offset);
  const words = step.words.filter(({ span }) => span.end < offset - typed.length + (typed === '' ? 1 : 0));
  if (typed.startsWith('-')) return [];
  const dollar = typed.lastIndexOf('$');
  if (dollar !== -1) return proposeVariables(context, step, wordRange(context, offset - typed.length + dollar, offset));
  if (words.length === 0) return proposeImages(context, range, stages, false);
  if (words.length > 1) return [];
  return [{ label: 'AS', kind: 'keyword', detail: 'gives this stage a name', newText: 'AS ${1:name}', isSnippet: true, range, sortText: '0' }];
}

function wordRange({ source }: LintContext, start: number, end: number): TextRange {
  return source.rangeOf({ start, end });
}

function proposeImages({ known, pullable }: LintContext, range: TextRange, stages: readonly Stage[], isCopy: boolean): Proposal[] {
  const proposals: Proposal[] = [];
  const add = (label: string, kind: Proposal['kind'], detail: string): void => {
    proposals.push({ label, kind, detail, newText: label, isSnippet: false, range, sortText: String(proposals.length).padStart(4, '0') });
  };
  for (const { index, name, image } of stages) {
    if (name !== undefined) add(name, 'stage', `stage of this file, from ${image ?? 'an ARG'}`);
    else if (isCopy) add(String(index), 'stage', `stage ${index + 1} of this file, from ${image ?? 'an ARG'}`);
  }
  for (const reference of known) add(reference, 'image', 'image in this sandbox');
  for (const reference of pullable) add(reference, 'image', 'image of the library: the build pulls it');
  if (!isCopy) add('scratch', 'image', 'no base at all: an empty image');
  return proposals;
}

function proposeVariables({ steps }: LintContext, { span }: Step, range: TextRange): Proposal[] {
  // Only an ARG before the first FROM reaches into a FROM.
  const first = steps.findIndex(({ keyword }) => keyword === 'FROM');
  const globals = steps.slice(0, first).filter(({ keyword, span: place }) => keyword === 'ARG' && place.end < span.start);
  return globals
    .flatMap(({ words }) => words)
    .map(({ value }, index) => {
      const [name = '', preset = ''] = value.split('=', 2);
      const label = `\${${name}}`;
      return { label, kind: 'variable', detail: preset, newText: label, isSnippet: false, range, sortText: String(index) };
    });
}
