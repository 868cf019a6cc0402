import { SandboxError } from '../base/errors.ts';
import { untilAnswer } from '../base/until-answer.ts';
import type { Dial } from '../network/connection.ts';
import { requestHttp } from '../network/http-client.ts';
import { parsePage, type PageFacts } from './page.ts';

const PATIENCE_MILLISECONDS = 60_000;
const REQUEST_MILLISECONDS = 20_000;
/** A port where nothing listens yet is tried again after so long. */
const PAUSE_MILLISECONDS = 50;

/** Asks for the page once. Rejects with a SandboxError where it does not answer, or not with the page. */
export async function askForPage(dial: Dial, signal?: AbortSignal): Promise<PageFacts> {
  const request = { method: 'GET', path: '/' };
  const options = { headTimeoutMilliseconds: REQUEST_MILLISECONDS, ...(signal !== undefined && { signal }) };
  const response = await requestHttp(dial, request, options);
  const text = await response.text();
  if (response.status === 200) return parsePage(text);
  throw new SandboxError('guest-unreachable', `The page answered with ${response.status} ${response.reason}.`);
}

/** Asks for the page until it answers. Rejects with `timed-out` after a minute, and with `cancelled` when the signal aborts. */
export async function firstAnswer(dial: Dial, signal: AbortSignal): Promise<PageFacts> {
  let failure: unknown;
  const ask = async (): Promise<PageFacts | undefined> => {
    try {
      return await askForPage(dial, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      failure = error;
      return undefined;
    }
  };
  const page = await untilAnswer(ask, { milliseconds: PATIENCE_MILLISECONDS, pauseMilliseconds: PAUSE_MILLISECONDS });
  if (page === undefined) throw new SandboxError('timed-out', 'The page did not answer within a minute.', { cause: failure });
  return page;
}
