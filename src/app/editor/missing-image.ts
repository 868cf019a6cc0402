import { isOwnRegistry, imagesOfReferences, mayStandIn, nearestImage, type NearestImage } from '../../core/hub/nearest-image.ts';
import { parseAskedImage } from '../../core/hub/asked-image.ts';
import type { Severity } from './dockerfile/finding.ts';

/** What an editor says about an image that is not there, and what may be written instead, the best first. */
export interface MissingImage {
  readonly severity: Severity;
  readonly message: string;
  readonly instead: readonly string[];
}

export interface MissingImageOptions {
  /** `name:tag` of everything there is. */
  readonly references: readonly string[];
  /** Whether the nearest image answers to the name asked for, where it may. */
  readonly givesNearest: boolean;
  /** The image is the base of a build that calls apk. */
  readonly installsWithApk?: boolean;
}

const MOST_FIXES = 3;

/** Judges an image by the names there are; undefined where it is there, or may be. */
export function missingImage(image: string, { references, givesNearest, installsWithApk = false }: MissingImageOptions): MissingImage | undefined {
  const registry = parseAskedImage(image)?.registry;
  // What a learner has pushed to a registry of their own is not known here.
  if (registry !== undefined && isOwnRegistry(registry)) return undefined;
  const nearest = nearestImage(image, imagesOfReferences(references));
  if (nearest.kind === 'here') return undefined;
  const { forPackages, reference, others } = nearest;
  const isOtherBase = installsWithApk && forPackages !== undefined;
  const best = isOtherBase ? forPackages.reference : reference;
  if (givesNearest && mayStandIn(nearest) && registry === undefined && !isOtherBase) {
    return {
      severity: 'info',
      message: `There is no image "${image}" here. The nearest one answers in its place: ${reference}${reasonOf(nearest)}.`,
      instead: firstOf(best, others),
    };
  }
  const advice = isOtherBase ? forPackages.advice : nearest.advice;
  const more = isOtherBase ? [reference] : forPackages === undefined ? others : [forPackages.reference];
  return {
    severity: 'warning',
    message: `This sandbox has no internet, and its library has no image "${image}": ${advice}`,
    instead: firstOf(best, more),
  };
}

function reasonOf({ why }: NearestImage): string {
  return why === undefined ? '' : ` (${why})`;
}

function firstOf(best: string | undefined, more: readonly (string | undefined)[]): readonly string[] {
  return [best, ...more].filter(reference => reference !== undefined).slice(0, MOST_FIXES);
}
