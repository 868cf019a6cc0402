import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { familiarName, type HubCatalog } from '../../core/hub/hub-catalog.ts';
import { nearestImage, type NearestImage } from '../../core/hub/nearest-image.ts';
import { projectFolder } from '../builder/folders.ts';

export const mentionsFile = join(projectFolder, 'test/tutorials/image-mentions.yaml');

const mentionsSchema = z.strictObject({
  source: z.string(),
  /** How often an image was written so: a name, or a name and a tag. */
  mentions: z.record(z.string().regex(/^[a-z0-9][a-z0-9._/-]*(:[\w.-]+)?$/), z.int().positive()),
  /** In how many of so many repositories a name is mentioned at all, with whatever tag. */
  repositories: z.int().positive(),
  names: z.record(z.string(), z.int().positive()),
});

/** Which images tutorials mention, and how often. */
export type ImageMentions = z.output<typeof mentionsSchema>;

/** A mention that the hub does not answer itself. */
export interface OtherMention {
  readonly image: string;
  readonly count: number;
  /** What a learner is told, `none` where nothing is near. */
  readonly kind: NearestImage['kind'];
  readonly advice: string;
}

export interface Coverage {
  readonly answered: number;
  readonly total: number;
  /** The most frequent first. */
  readonly others: readonly OtherMention[];
  /** Of the names: how many mentions by repository have a name that the hub has. */
  readonly namesAnswered: number;
  readonly namesTotal: number;
}

export async function readMentions(file = mentionsFile): Promise<ImageMentions> {
  return mentionsSchema.parse(parse(await readFile(file, 'utf8')));
}

/** Which share of the mentions the hub answers by name and tag, and what becomes of the others. */
export function coverageOf({ mentions, names }: ImageMentions, catalog: HubCatalog): Coverage {
  const images = catalog.images.map(image => ({ name: familiarName(image), tags: image.tags }));
  const known = new Set(images.map(({ name }) => name));
  const entries = Object.entries(mentions);
  const others = entries.flatMap(([image, count]) => {
    const { kind, advice } = nearestImage(image, images);
    // The empty base of a Dockerfile is no image that is pulled.
    return kind === 'here' || image === 'scratch' ? [] : [{ image, count, kind, advice }];
  });
  others.sort((one, other) => other.count - one.count);
  const total = sum(entries.map(([, count]) => count));
  const byName = Object.entries(names);
  return {
    answered: total - sum(others.map(one => one.count)),
    total,
    others,
    namesAnswered: sum(byName.filter(([name]) => name === 'scratch' || known.has(name)).map(([, count]) => count)),
    namesTotal: sum(byName.map(([, count]) => count)),
  };
}

/** The same in words. */
export function coverageText({ answered, total, others, namesAnswered, namesTotal }: Coverage): string {
  const told = others.filter(one => one.kind !== 'none');
  const width = Math.max(0, ...others.map(one => one.image.length));
  return [
    ...others.map(({ image, count, kind, advice }) => `  ${image.padEnd(width)} ${String(count).padStart(4)}  ${kind}: ${advice}`),
    `${answered} of ${total} mentions (${percent(answered, total)}) are answered by name and tag.`,
    `${sum(told.map(one => one.count))} of the other ${total - answered} are told the nearest image.`,
    `${namesAnswered} of ${namesTotal} mentions by repository (${percent(namesAnswered, namesTotal)}) have a name that the hub has.`,
  ].join('\n');
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
