import type { Flag } from 'dockerfile-ast';
import { fullReference, parseImageReference } from '../image-reference.ts';
import type { LintContext, Remark, Rule, Stage } from '../lint-context.ts';
import type { Span } from '../source-text.ts';

interface ImageUse {
  readonly image: string;
  readonly span: Span;
  /** Written without variables, so that a fix may replace it. */
  readonly isLiteral: boolean;
}

/** Every image that the file takes from outside itself. */
function* imageUses(context: LintContext): Generator<ImageUse> {
  for (const stage of context.stages) {
    const word = stage.from.words[0];
    if (stage.image !== undefined && word !== undefined && stage.parent === undefined && stage.image !== 'scratch') {
      yield { image: stage.image, span: word.span, isLiteral: word.raw === stage.image };
    }
    for (const step of stage.steps) {
      const flag = step.keyword === 'COPY' ? step.flags.find(candidate => candidate.getName() === 'from') : undefined;
      const use = flag === undefined ? undefined : copiedImage(context, stage, flag);
      if (use !== undefined) yield use;
    }
  }
}

function copiedImage({ source, stages }: LintContext, stage: Stage, flag: Flag): ImageUse | undefined {
  const image = flag.getValue();
  const range = flag.getValueRange();
  if (!image || range === null || image.includes('$') || /^\d+$/.test(image)) return undefined;
  const isStage = stages.some(({ index, name }) => index < stage.index && name === image.toLowerCase());
  return isStage ? undefined : { image, span: source.spanOf(range), isLiteral: true };
}

function tagsOf({ known, pullable }: LintContext, repository: string): string[] {
  return [...known, ...pullable].filter(reference => parseImageReference(reference).repository === repository);
}

function listInWords(references: readonly string[]): string {
  const shown = references.slice(0, 6).join(', ');
  return references.length > 6 ? `${shown} and ${references.length - 6} more (the library lists them)` : shown;
}

const imageWithoutTag: Rule = {
  id: 'image-without-tag',
  severity: 'warning',
  *check(context) {
    for (const { image, span, isLiteral } of imageUses(context)) {
      const { repository, tag, digest } = parseImageReference(image);
      if (tag !== undefined || digest !== undefined) continue;
      const here = tagsOf(context, repository);
      const better = here.find(reference => !reference.endsWith(':latest'));
      const advice =
        better === undefined ? `Name the version you want after a colon, like ${repository}:1.0.` : `Name a version, for example ${better}.`;
      const remark: Remark = {
        span,
        message: `"${image}" has no tag, so Docker takes ${repository}:latest, which is another version after the next release. ${advice}`,
        fixes: better !== undefined && isLiteral ? [{ title: `Use ${better}`, changes: [{ span, newText: better }] }] : [],
      };
      // Where there is nothing but latest there is nothing better to choose.
      yield here.length > 0 && better === undefined ? { ...remark, severity: 'hint' } : remark;
    }
  },
};

const imageLatest: Rule = {
  id: 'image-latest',
  severity: 'hint',
  *check(context) {
    for (const { image, span } of imageUses(context)) {
      const { repository, tag, digest } = parseImageReference(image);
      if (tag !== 'latest' || digest !== undefined) continue;
      yield {
        span,
        message: `"latest" is only a name that moves with each release of ${repository}. A version in its place gives the same image tomorrow.`,
      };
    }
  },
};

const unknownImage: Rule = {
  id: 'unknown-image',
  severity: 'hint',
  *check(context) {
    // An empty list means that nobody has answered yet.
    if (context.known.length === 0 || context.pullable.length === 0) return;
    const all = [...context.known, ...context.pullable];
    for (const { image, span, isLiteral } of imageUses(context)) {
      const reference = parseImageReference(image);
      if (reference.digest !== undefined || all.includes(fullReference(reference))) continue;
      const sameName = tagsOf(context, reference.repository);
      const offered = sameName.length > 0 ? sameName : all;
      yield {
        span,
        message: `This sandbox has no internet, and its library has no image "${image}" to pull. There is: ${listInWords(offered)}.`,
        fixes: isLiteral ? sameName.slice(0, 3).map(newText => ({ title: `Use ${newText}`, changes: [{ span, newText }] })) : [],
      };
    }
  },
};

/** Rules about the images that a Dockerfile builds on. */
export const imageRules: readonly Rule[] = [imageWithoutTag, imageLatest, unknownImage];
