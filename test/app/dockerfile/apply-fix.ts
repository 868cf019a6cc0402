import type { Finding, LintOptions } from '../../../src/app/editor/dockerfile/finding.ts';
import { lintDockerfile } from '../../../src/app/editor/dockerfile/lint-dockerfile.ts';
import { createSourceText } from '../../../src/app/editor/dockerfile/source-text.ts';

/** What can be pulled in these tests. */
export const hubReferences = ['debian:13-slim', 'traefik/whoami:1', 'library/redis:8'];

/** What the engine of these tests holds. */
export const imageReferences = ['python:3.13-slim', 'python:3.13', 'python:latest', 'busybox:latest', 'debian:13-slim'];

/** Joins lines, so that a Dockerfile is readable in a test. */
export function lines(...all: string[]): string {
  return all.join('\n');
}

/** The findings of one rule. */
export function findingsOf(id: string, text: string, options: Partial<LintOptions> = {}): Finding[] {
  return lintDockerfile(text, { imageReferences, hubReferences, ...options }).filter(finding => finding.id === id);
}

/** The words under a finding. */
export function marked(text: string, finding: Finding | undefined): string | undefined {
  if (finding === undefined) return undefined;
  const source = createSourceText(text);
  return source.slice(source.spanOf(finding.range));
}

/** The text after accepting a finding's fix, or undefined where none is offered. */
export function fixed(text: string, finding: Finding | undefined, index = 0): string | undefined {
  const fix = finding?.fixes[index];
  if (fix === undefined) return undefined;
  const source = createSourceText(text);
  return fix.changes
    .map(({ range, newText }) => ({ ...source.spanOf(range), newText }))
    .sort((one, other) => other.start - one.start)
    .reduce((result, { start, end, newText }) => result.slice(0, start) + newText + result.slice(end), text);
}
