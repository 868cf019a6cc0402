import type { HeaderList } from './preview-headers.ts';
import type { PreviewRoute } from './preview-route.ts';

/** One request of a container's page, and its answer, as far as it has come. Told when the answer begins, and when it is over. */
export interface Exchange {
  readonly kind: 'preview-exchange';
  /** The same for all that is told of one request. */
  readonly id: string;
  readonly route: PreviewRoute;
  readonly method: string;
  /** Undefined where nothing answered. */
  readonly status: number | undefined;
  readonly state: 'open' | 'done' | 'failed';
  /** Why it failed. */
  readonly problem?: string;
  /** From the request on, in milliseconds. */
  readonly milliseconds: number;
  /** Of the answer's body so far, as the server sent it. */
  readonly bytes: number;
  /** What the server saw, and what it answered. */
  readonly sent: HeaderList;
  readonly received: HeaderList;
}

/** What a script of a container's page wrote to the console, or what went wrong in it. */
export interface ConsoleLine {
  readonly kind: 'preview-console';
  readonly route: PreviewRoute;
  readonly level: 'debug' | 'log' | 'info' | 'warn' | 'error';
  readonly text: string;
}

/** What the service worker tells a page of Drydock about the pages of containers, beside its calls. */
export type PageReport = Exchange | ConsoleLine;
