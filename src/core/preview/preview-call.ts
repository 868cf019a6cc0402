import type { ErrorCode } from '../base/errors.ts';
import type { HeaderList } from './preview-headers.ts';
import type { PreviewRoute } from './preview-route.ts';

/** Of the messages below: a page and a service worker of different builds may meet. */
export const PREVIEW_VERSION = 2;

/** The most bytes of a body, either way, that were sent and that the other side has not yet dealt with. */
export const PREVIEW_WINDOW_BYTES = 512 * 1024;

/** How often the sandbox asks whether the service worker still lives, and after how long a silence either side gives up, in milliseconds. */
export const PING_MILLISECONDS = 15_000;
export const SILENCE_MILLISECONDS = 50_000;

/** Published ports of containers, as the list shows them. */
export interface OpenPort {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly container: string;
  readonly containerId: string;
  readonly image: string;
}

/**
 * One request to a published port. The service worker sends it to a page with one end of a channel, the page passes both on to the sandbox,
 * and the sandbox answers on the channel: neither the service worker nor the page keeps anything about it.
 */
export interface PreviewCall {
  readonly kind: 'preview-call';
  readonly version: number;
  readonly route: PreviewRoute;
  readonly method: string;
  /** Ready to be sent, but for the cookies. */
  readonly headers: HeaderList;
  /** False for a request that the page made without credentials. */
  readonly hasCookies: boolean;
  /** Undefined for a request without a body. */
  readonly bodyBytes?: number;
}

/** What the service worker tells a page about a port beside its answers. */
export interface PreviewNote {
  readonly kind: 'preview-note';
  readonly port: number;
  /** Scripts that were fetched name WebSockets, which no service worker can carry. */
  readonly note: 'web-sockets';
}

/** What the service worker says on the channel. */
export type CallerMessage =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  /** The request's body cannot be read to its end. */
  | { readonly kind: 'body-failed' }
  /** The browser has taken so many bytes of the answer. */
  | { readonly kind: 'consumed'; readonly byteCount: number }
  /** Nobody wants the answer any more. */
  | { readonly kind: 'abort' }
  | { readonly kind: 'pong' };

/** What is said on the channel to the service worker: first by the page, `taken` or `not-here`, then by the sandbox. */
export type AnswerMessage =
  | { readonly kind: 'taken' }
  | { readonly kind: 'not-here'; readonly why: 'off' | 'starting' | 'other-version' | 'other-sandbox' }
  /** So many bytes of the request's body were sent on: there is room for as many more. */
  | { readonly kind: 'sent'; readonly byteCount: number }
  | { readonly kind: 'head'; readonly status: number; readonly reason: string; readonly headers: HeaderList }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly ports: readonly OpenPort[] }
  | { readonly kind: 'ping' };
