import { messageOf } from '../../../core/base/errors.ts';
import { parseEmbedOrigins } from '../../../core/embed/embed-origins.ts';
import { NO_UPSTREAMS, parseUpstreams, type UpstreamSettings } from '../../../core/upstream/upstream-settings.ts';

/** What whoever runs a site may set in its `config.json`. */
export interface SiteConfig {
  /** Where pages of published ports are shown; undefined for this site itself. */
  readonly previewSite: string | undefined;
  /** On the second origin: the one site whose Drydock may show pages there. */
  readonly appSite: string | undefined;
  /** Which sites may show Drydock in their pages, and control it there; undefined for all. */
  readonly embedOrigins: readonly string[] | undefined;
  /** Whether the nearest image answers to the name asked for, where the learner has not decided. */
  readonly nearestImages: boolean;
  /** Which servers outside a learner may have asked for what the sandbox lacks. */
  readonly upstreams: UpstreamSettings;
}

/** A server that does not answer by then is not there. */
const PATIENCE_MILLISECONDS = 15_000;

/** Reads the site's `config.json`. A site without one has no settings, nor has one that cannot be reached; one that cannot be understood is a fault of the site and is told. */
export async function readSiteConfig(site: string): Promise<SiteConfig> {
  return readAnswer(await fetchConfig(site).catch(() => undefined));
}

/** The same where the settings keep somebody out: rejects where they cannot be reached. */
export async function readSureSiteConfig(site: string): Promise<SiteConfig> {
  const answer = await fetchConfig(site).catch((error: unknown) => {
    throw new Error('The settings of this Drydock could not be read: check the connection and reload the page.', { cause: error });
  });
  return readAnswer(answer);
}

function fetchConfig(site: string): Promise<Response> {
  return fetch(new URL('config.json', site), { cache: 'no-cache', signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
}

async function readAnswer(answer: Response | undefined): Promise<SiteConfig> {
  if (answer?.ok !== true)
    return { previewSite: undefined, appSite: undefined, embedOrigins: undefined, nearestImages: false, upstreams: NO_UPSTREAMS };
  const config = (await answer.json().catch(() => {
    throw new Error('The config.json of this site is not valid JSON: tell whoever runs the site.');
  })) as Partial<Record<keyof SiteConfig, unknown>>;
  return {
    previewSite: siteOf(config.previewSite, 'previewSite'),
    appSite: siteOf(config.appSite, 'appSite'),
    embedOrigins: parseEmbedOrigins(config.embedOrigins),
    nearestImages: flagOf(config.nearestImages, 'nearestImages'),
    upstreams: upstreamsOf(config.upstreams),
  };
}

function upstreamsOf(value: unknown): UpstreamSettings {
  try {
    return parseUpstreams(value);
  } catch (error) {
    throw new Error(`The config.json of this site cannot be used: ${messageOf(error)} Tell whoever runs it.`, { cause: error });
  }
}

function flagOf(value: unknown, name: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new Error(`"${name}" in the config.json of this site must be true or false: tell whoever runs it.`);
}

function siteOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === '') return undefined;
  try {
    const url = new URL(String(value));
    if (/^https?:$/.test(url.protocol)) return new URL('.', url).href;
  } catch {
    // Told below: what is no address is as wrong as one of another kind.
  }
  throw new Error(`"${name}" in the config.json of this site is not a web address: tell whoever runs the site.`);
}
