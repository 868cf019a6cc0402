import type { Flag } from 'dockerfile-ast';
import { missingImage, type MissingImage } from '../../missing-image.ts';
import { fullReference, parseImageReference } from '../image-reference.ts';
import { runScripts, type LintContext, type Remark, type Rule, type Stage } from '../lint-context.ts';
import type { Span } from '../source-text.ts';

interface ImageUse {
  readonly image: string;
  readonly span: Span;
  /** Written without variables, so that a fix may replace it. */
  readonly isLiteral: boolean;
  /** The stage that is built on it; undefined where files are only taken from it. */
  readonly stage: Stage | undefined;
}

/** Every image that the file takes from outside itself. */
function* imageUses(context: LintContext): Generator<ImageUse> {
  for (const stage of context.stages) {
    const word = stage.from.words[0];
    if (stage.image !== undefined && word !== undefined && stage.parent === undefined && stage.image !== 'scratch') {
      yield { image: stage.image, span: word.span, isLiteral: word.raw === stage.image, stage };
    }
    for (const step of stage.steps) {
      for (const flag of step.flags) {
        const use = usedImage(context, stage, step.keyword, flag);
        if (use !== undefined) yield use;
      }
    }
  }
}

/** COPY --from=IMAGE, or RUN --mount=type=bind,from=IMAGE. */
function usedImage({ source, stages }: LintContext, stage: Stage, keyword: string, flag: Flag): ImageUse | undefined {
  const range = flag.getValueRange();
  const value = flag.getValue() ?? '';
  const isCopy = keyword === 'COPY' && flag.getName() === 'from';
  const mounted = keyword === 'RUN' && flag.getName() === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value) : null;
  const image = isCopy ? value : mounted?.[1];
  if (!image || range === null || image.includes('$') || /^\d+$/.test(image)) return undefined;
  if (stages.some(({ index, name }) => index < stage.index && name === image.toLowerCase())) return undefined;
  const span = source.spanOf(range);
  const start = span.start + (mounted === null ? 0 : mounted.index + mounted[0].length - image.length);
  return { image, span: { start, end: start + image.length }, isLiteral: true, stage: undefined };
}

function tagsOf({ known, pullable }: LintContext, repository: string): string[] {
  return [...known, ...pullable].filter(reference => parseImageReference(reference).repository === repository);
}

function installsWithApk(context: LintContext, stage: Stage | undefined): boolean {
  return stage !== undefined && runScripts(context, stage.steps).some(({ commands }) => commands.some(({ program }) => program === 'apk'));
}

function missingUse(context: LintContext, image: string, stage: Stage | undefined): MissingImage | undefined {
  const { known, pullable, givesNearest } = context;
  // An empty list means that nobody has answered yet.
  if (known.length === 0 || pullable.length === 0) return undefined;
  const references = [...known, ...pullable];
  const reference = parseImageReference(image);
  if (reference.digest !== undefined || references.includes(fullReference(reference))) return undefined;
  return missingImage(image, { references, givesNearest, installsWithApk: installsWithApk(context, stage) });
}

const imageWithoutTag: Rule = {
  id: 'image-without-tag',
  severity: 'warning',
  *check(context) {
    for (const { image, span, isLiteral } of imageUses(context)) {
      const { repository, tag, digest } = parseImageReference(image);
      // What is not there at all has a remark of its own, with a version in its fix.
      if (tag !== undefined || digest !== undefined || missingUse(context, image, undefined) !== undefined) continue;
      const here = tagsOf(context, repository);
      const better = here.find(reference => !reference.endsWith(':latest'));
      const advice =
        better === undefined ? `Name the version you want after a colon, like ${repository}:1.0.` : `Name a version, for example ${better}.`;
      const remark: Remark = {
        span,
        message: `"${image}" has no tag, so Docker takes ${repository}:latest, which will be a different version after the next release. ${advice}`,
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
      if (tag !== 'latest' || digest !== undefined || missingUse(context, image, undefined) !== undefined) continue;
      yield {
        span,
        message: `"latest" is only a name that moves with each release of ${repository}. Write a version instead, and you get the same image tomorrow.`,
      };
    }
  },
};

const unknownImage: Rule = {
  id: 'unknown-image',
  severity: 'warning',
  *check(context) {
    for (const { image, span, isLiteral, stage } of imageUses(context)) {
      const missing = missingUse(context, image, stage);
      if (missing === undefined) continue;
      const { severity, message, instead } = missing;
      const fixes = isLiteral ? instead.map(newText => ({ title: `Use ${newText}`, changes: [{ span, newText }] })) : [];
      yield { span, message, severity, fixes };
    }
  },
};

/** Rules about the images that a Dockerfile builds on. */
export const imageRules: readonly Rule[] = [imageWithoutTag, imageLatest, unknownImage];
