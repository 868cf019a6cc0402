import { messageOf } from '../../core/base/errors.ts';
import { mayEmbed } from '../../core/embed/embed-origins.ts';
import { readSureSiteConfig } from '../session/preview/site-config.ts';

/** Whether the site lets an origin embed it. */
export type EmbedPolicy = (origin: string) => boolean;

/** The origins of the windows around this one, the nearest first, as far as the browser tells. */
export function originsAround(): readonly string[] {
  if (window.parent === window) return [];
  // Not in every browser; the referrer is the page that made the frame, where its policy shows it.
  const { ancestorOrigins } = location as Location & { readonly ancestorOrigins?: DOMStringList };
  if (ancestorOrigins !== undefined) return [...ancestorOrigins];
  return document.referrer === '' ? [] : [new URL(document.referrer).origin];
}

/** Reads who may embed this site. Rejects with a sentence where the site's settings cannot be read: then nobody may. */
export async function readEmbedPolicy(site: string): Promise<EmbedPolicy> {
  const { embedOrigins } = await readSureSiteConfig(site);
  return origin => mayEmbed(embedOrigins, origin, site);
}

/** Why this page must not be shown here, in words for the author of the page around it; undefined if it may. */
export async function framingProblem(policy: Promise<EmbedPolicy>): Promise<string | undefined> {
  try {
    const mayBeEmbeddedBy = await policy;
    const refused = originsAround().find(origin => !mayBeEmbeddedBy(origin));
    return refused === undefined ? undefined : `This Drydock may not be shown inside pages of ${refused}. Open it in a tab of its own.`;
  } catch (error) {
    return messageOf(error);
  }
}
