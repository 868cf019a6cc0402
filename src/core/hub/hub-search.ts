import type { HttpServerResponse } from '../network/http-server.ts';
import type { RequestTarget } from '../network/request-target.ts';
import type { HubImageSummary } from './hub-summary.ts';

/** What the engine asks for at most. */
const MAX_RESULTS = 100;
const DEFAULT_RESULTS = 25;

/** An image as the first version of the registry's protocol lists it. Docker's command line shows the first four. */
interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
}

/** The images whose name or description has `term` in it; those whose name has it come first, the shortest of them before all. */
export function searchImages(images: readonly HubImageSummary[], term: string): HubImageSummary[] {
  const wanted = term
    .trim()
    .toLowerCase()
    .replace(/^library\//, '')
    .replace(/:.*$/, '');
  const byName = images.filter(({ name }) => name.includes(wanted)).sort((one, other) => one.name.length - other.name.length);
  const byDescription = images.filter(image => !byName.includes(image) && image.description.toLowerCase().includes(wanted));
  return [...byName, ...byDescription];
}

/** Answers what `docker search` makes the engine ask: paths that begin with /v1, which nothing else uses any more. */
export async function answerSearch({ path, query }: RequestTarget, images: () => Promise<readonly HubImageSummary[]>): Promise<HttpServerResponse> {
  if (path === '/v1/_ping') return json(200, { standalone: false });
  if (path !== '/v1/search') return json(404, { error: "The sandbox's hub answers docker search and docker pull, nothing else." });
  const [term, limit] = [query.get('q') ?? '', Number(query.get('n') ?? DEFAULT_RESULTS)];
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RESULTS) return json(400, { error: `n must be a number from 1 to ${MAX_RESULTS}.` });
  const found = searchImages(await images(), term).slice(0, limit);
  return json(200, { query: term, num_results: found.length, results: found.map(resultOf) });
}

/** Nobody gives stars here. */
function resultOf({ name, description, isOfficial }: HubImageSummary): SearchResult {
  return { name, description, star_count: 0, is_official: isOfficial, is_automated: false };
}

function json(status: number, value: unknown): HttpServerResponse {
  return { status, headers: [['Content-Type', 'application/json']], body: `${JSON.stringify(value)}\n` };
}
