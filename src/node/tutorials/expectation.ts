import { expressionOf, type RunStep, type Step } from './transcript.ts';

/** As much of what was shown as a report repeats. */
const SHOWN_CHARACTERS = 600;

/** What is not as a step wants it, in a sentence; undefined where all is. */
export function textFailure(output: string, { shows, hides }: Pick<RunStep, 'shows' | 'hides'>): string | undefined {
  const missing = shows?.find(one => !isIn(output, one));
  if (missing !== undefined) return `it should show ${named(missing)}, and shows:\n${tailOf(output)}`;
  const unwanted = hides?.find(one => isIn(output, one));
  return unwanted === undefined ? undefined : `it should not show ${named(unwanted)}, and shows:\n${tailOf(output)}`;
}

/** The same for an exit code. */
export function exitFailure(exitCode: number, wanted: RunStep['exit'] = 0): string | undefined {
  if (wanted === 'any' || (wanted === 'fail' ? exitCode !== 0 : exitCode === wanted)) return undefined;
  return wanted === 'fail' ? 'it should fail, and ended with exit code 0' : `it should end with exit code ${wanted}, and ended with ${exitCode}`;
}

/** A step in one line, for a report. */
export function stepLine(step: Step): string {
  if ('run' in step) return firstLine(step.run);
  if ('type' in step) return `> ${firstLine(step.type)}`;
  if ('press' in step) return `^${step.press}`;
  if ('http' in step) return `${step.method ?? 'GET'} localhost:${step.http}`;
  return `write ${Object.keys(step.write).join(', ')}`;
}

/** The end of what was shown, without empty lines. */
export function tailOf(output: string): string {
  const text = output.replace(/\n\s*\n/g, '\n').trim();
  if (text === '') return '(nothing)';
  return text.length > SHOWN_CHARACTERS ? `…${text.slice(-SHOWN_CHARACTERS)}` : text;
}

function isIn(output: string, wanted: string): boolean {
  return expressionOf(wanted)?.test(output) ?? output.includes(wanted);
}

function named(wanted: string): string {
  return expressionOf(wanted) === undefined ? JSON.stringify(wanted) : wanted;
}

function firstLine(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return rest.length > 0 ? `${first} …` : first;
}
