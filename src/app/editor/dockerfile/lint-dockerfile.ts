import type { Finding, LintOptions } from './finding.ts';
import { createLintContext, type LintContext, type Remark, type Rule } from './lint-context.ts';
import { builderRules } from './rules/builder-rules.ts';
import { fileRules } from './rules/file-rules.ts';
import { habitRules } from './rules/habit-rules.ts';
import { imageRules } from './rules/image-rules.ts';
import { packageRules } from './rules/package-rules.ts';
import { startRules } from './rules/start-rules.ts';

/** All teaching rules, in the order in which their findings are listed for one place. */
export const teachingRules: readonly Rule[] = [...builderRules, ...imageRules, ...packageRules, ...fileRules, ...habitRules, ...startRules];

/** Reads a Dockerfile as a patient teacher would: what will not work, and what experience advises. */
export function lintDockerfile(text: string, options: LintOptions): Finding[] {
  const context = createLintContext(text, options);
  const findings = teachingRules.flatMap(rule => Array.from(rule.check(context), remark => createFinding(context, rule, remark)));
  return findings.sort((one, other) => one.range.start.line - other.range.start.line || one.range.start.character - other.range.start.character);
}

function createFinding({ source }: LintContext, rule: Rule, { span, message, severity, fixes }: Remark): Finding {
  return {
    source: 'drydock',
    id: rule.id,
    severity: severity ?? rule.severity,
    message,
    range: source.rangeOf(span),
    fixes: (fixes ?? []).map(({ title, changes }) => ({
      title,
      changes: changes.map(change => ({ range: source.rangeOf(change.span), newText: change.newText })),
    })),
  };
}
