import { messageOf } from '../../base/errors.ts';
import type { CheckProbe, CheckResult } from './check-probe.ts';
import type { CheckKind, CheckOf } from './check-schema.ts';
import { commandRule } from './rules/command-rule.ts';
import { containerRule } from './rules/container-rule.ts';
import { dockerfileRule } from './rules/dockerfile-rule.ts';
import { fileRule } from './rules/file-rule.ts';
import { httpRule } from './rules/http-rule.ts';
import { imageRule } from './rules/image-rule.ts';
import { labRule } from './rules/lab-rule.ts';
import { networkRule, volumeRule } from './rules/named-rules.ts';
import type { CheckRule, CheckTrigger } from './rules/rule.ts';
import { typedRule } from './rules/typed-rule.ts';
import type { Check } from '../lesson.ts';

export type { CheckTrigger } from './rules/rule.ts';

const rules: { readonly [K in CheckKind]: CheckRule<K> } = {
  file: fileRule,
  dockerfile: dockerfileRule,
  image: imageRule,
  container: containerRule,
  network: networkRule,
  volume: volumeRule,
  http: httpRule,
  command: commandRule,
  typed: typedRule,
  lab: labRule,
};

/** A check with the rule of its kind. */
function ruled(check: Check): { readonly rule: CheckRule<CheckKind>; readonly source: CheckOf<CheckKind> } {
  return { rule: rules[check.kind] as CheckRule<CheckKind>, source: check.source };
}

/** Is it so? Never rejects: where the probe cannot answer, the check is `broken`. */
export async function evaluateCheck(check: Check, probe: CheckProbe): Promise<CheckResult> {
  const { rule, source } = ruled(check);
  try {
    const failure = await rule.judge(source, probe);
    if (!failure) return { outcome: 'passed' };
    const hint = source.hint ?? failure.hint;
    return { outcome: 'failed', expected: failure.expected, found: failure.found, ...(hint !== undefined && { hint }) };
  } catch (error) {
    return { outcome: 'broken', reason: `This could not be checked: ${messageOf(error)}` };
  }
}

/** What must be true, in a sentence: the author's, or one made from the check. Code in it is between backticks. */
export function describeCheck(check: Check): string {
  const { rule, source } = ruled(check);
  return source.say ?? rule.describe(source);
}

/** After what the check is worth evaluating again. */
export function triggersOf(check: Check): ReadonlySet<CheckTrigger> {
  return new Set(ruled(check).rule.triggers);
}
