import type { Rule, Step } from '../lint-context.ts';

/** Flags that only BuildKit knows, by instruction. */
const BUILDKIT_FLAGS: Readonly<Record<string, readonly string[]>> = {
  RUN: ['mount', 'network', 'security'],
  COPY: ['link', 'parents', 'exclude', 'chmod'],
  ADD: ['link', 'checksum', 'keep-git-dir', 'exclude', 'chmod'],
};

const ADVICE = 'The builder of this sandbox is Docker’s classic one (it is much quicker here), and this needs BuildKit.';

function heredocRemedy({ keyword }: Step): string {
  return keyword === 'RUN' ? 'Join the commands with && instead.' : 'Put the text into a file of the workspace and COPY that.';
}

/** Drydock builds with the classic builder: what only BuildKit understands fails in the build, so the editor says it first. */
const needsBuildKit: Rule = {
  id: 'needs-buildkit',
  severity: 'error',
  *check({ source, steps }) {
    for (const step of steps) {
      if (step.heredocs.length > 0) yield { span: step.keywordSpan, message: `${ADVICE} ${heredocRemedy(step)}` };
      for (const flag of step.flags) {
        const name = flag.getName();
        if (BUILDKIT_FLAGS[step.keyword]?.includes(name)) yield { span: source.spanOf(flag.getRange()), message: `${ADVICE} Leave --${name} out.` };
      }
    }
  },
};

export const builderRules: readonly Rule[] = [needsBuildKit];
