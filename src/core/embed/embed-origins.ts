/** Which sites may embed Drydock: `embedOrigins` in the site's config.json, written as in a Content-Security-Policy's frame-ancestors. */

const PATTERN = /^(?:\*|https?:\/\/(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?)$/i;
const WILDCARD = '//*.';

/** Checks the setting. Undefined, the value if nothing is set, allows every site. Throws with a sentence for the people who run the site. */
export function parseEmbedOrigins(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const wrong = Array.isArray(value) ? value.find(one => typeof one !== 'string' || !PATTERN.test(one)) : value;
  if (Array.isArray(value) && wrong === undefined) return (value as string[]).map(one => one.toLowerCase());
  throw new Error(
    `"embedOrigins" in the config.json of this site must be a list of origins like "https://school.example" or "https://*.school.example", or ["*"]; ` +
      `${JSON.stringify(wrong)} is not: tell whoever runs the site.`,
  );
}

/** Whether pages of an origin may embed the Drydock at `site`. Its own origin always may. */
export function mayEmbed(origins: readonly string[] | undefined, origin: string, site: string): boolean {
  if (origins === undefined || origin === new URL(site).origin) return true;
  return origins.some(one => one === '*' || one === origin || isBelow(origin, one));
}

/** `https://*.school.example` stands for every name below school.example, not for school.example itself. */
function isBelow(origin: string, pattern: string): boolean {
  const at = pattern.indexOf(WILDCARD);
  if (at < 0) return false;
  const scheme = pattern.slice(0, at + 2);
  const suffix = pattern.slice(at + WILDCARD.length - 1);
  return origin.startsWith(scheme) && origin.endsWith(suffix) && origin.length > scheme.length + suffix.length;
}
