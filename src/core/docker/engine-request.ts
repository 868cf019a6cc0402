import { SandboxError } from '../base/errors.ts';
import type { Dial } from '../network/connection.ts';
import { requestHttp, type HttpOptions, type HttpRequest, type HttpResponse } from '../network/http-client.ts';
import { parseErrorMessage } from './engine-json.ts';

/** What dockerd 26.1 speaks. */
const API_PREFIX = '/v1.45';

/** A call of the engine. */
export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the API's version: see `path`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it comes, instead of `body`. */
  readonly stream?: { readonly type: string; readonly bytes: AsyncIterable<Uint8Array> };
  readonly signal?: AbortSignal | undefined;
  /** How long the engine may take to begin its answer; the default is a minute. */
  readonly timeoutMilliseconds?: number;
}

/**
 * Asks the engine. Rejects with `docker-refused` and the engine's own message when it says no,
 * and with `guest-unreachable`, `timed-out` or `cancelled` when there is no answer.
 */
export async function askEngine(dial: Dial, call: EngineCall): Promise<HttpResponse> {
  const options: HttpOptions = {
    ...(call.signal !== undefined && { signal: call.signal }),
    ...(call.timeoutMilliseconds !== undefined && { headTimeoutMilliseconds: call.timeoutMilliseconds }),
  };
  const response = await requestHttp(dial, { method: call.method, path: API_PREFIX + call.path, ...contentOf(call) }, options);
  if (response.status >= 200 && response.status < 300) return response;
  // Starting what runs, stopping what does not: it is as it was wanted.
  if (response.status === 304) return response;
  const body = await response.text();
  const reason = parseErrorMessage(body) ?? `${response.status} ${response.reason}`.trim();
  throw new SandboxError('docker-refused', `The Docker Engine refused: ${reason}`, { cause: { status: response.status, body } });
}

function contentOf({ body, stream }: EngineCall): Pick<HttpRequest, 'headers' | 'body'> {
  if (stream !== undefined) return { headers: [['Content-Type', stream.type]], body: stream.bytes };
  return body === undefined ? {} : { headers: [['Content-Type', 'application/json']], body: encode(body) };
}

/** A path with names in it, which may hold any character; the slash of an image's name stays one. */
export function path(parts: TemplateStringsArray, ...names: readonly string[]): string {
  const encoded = names.map(name => name.split('/').map(encodeURIComponent).join('/'));
  return parts.reduce((whole, part, index) => whole + encoded[index - 1]! + part);
}

function encode(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}
