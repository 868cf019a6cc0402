import type { ErrorCode } from '../base/errors.ts';
import type { ConsoleLine } from './page-report.ts';
import type { HeaderList } from './preview-headers.ts';
import type { PreviewRoute } from './preview-route.ts';

/** Of the messages below: a page and a service worker of different builds may meet. */
export const PREVIEW_VERSION = 3;

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

/** What every call says. */
interface Call {
  /** Of which build the one that asks is. */
  readonly version: number;
  readonly route: PreviewRoute;
}

/**
 * One request to a published port. The service worker sends it to a page with one end of a channel, the page passes both on to the sandbox,
 * and the sandbox answers on the channel: neither the service worker nor the page keeps anything about it.
 */
export interface RequestCall extends Call {
  readonly kind: 'preview-request';
  readonly method: string;
  /** Ready to be sent, but for the cookies. */
  readonly headers: HeaderList;
  /** False for a request that the page made without credentials. */
  readonly hasCookies: boolean;
  /** Undefined for a request without a body. */
  readonly bodyBytes?: number;
}

/** A WebSocket to a published port. A page of a container asks for it (src/page-script), its end of the channel goes the same way. */
export interface SocketCall extends Call {
  readonly kind: 'preview-socket';
  readonly headers: HeaderList;
  readonly protocols: readonly string[];
}

/** The cookies of a page of a container that its scripts may see: told whenever they change, and set by it. */
export interface CookieCall extends Call {
  readonly kind: 'preview-cookies';
}

/** What is asked of a sandbox about a published port, each with a channel of its own. */
export type PreviewCall = RequestCall | SocketCall | CookieCall;

/** Why no page has answered for a sandbox. */
export type NotHere = 'off' | 'starting' | 'other-version' | 'other-sandbox' | 'no-page';

/** What the service worker says on the channel of a request. */
export type CallerMessage =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  /** The request's body cannot be read to its end. */
  | { readonly kind: 'body-failed' }
  /** The browser has taken so many bytes of the answer. */
  | { readonly kind: 'consumed'; readonly byteCount: number }
  /** Nobody wants the answer any more. */
  | { readonly kind: 'abort' }
  | { readonly kind: 'pong' };

/** What a page says first on the channel of any call: whether the sandbox is here. */
export type FirstMessage = { readonly kind: 'taken' } | { readonly kind: 'not-here'; readonly why: NotHere };

/** What is said on the channel to the service worker. */
export type AnswerMessage =
  | FirstMessage
  /** So many bytes of the request's body were sent on: there is room for as many more. */
  | { readonly kind: 'sent'; readonly byteCount: number }
  /** `cookies` are those that scripts may see, as `document.cookie` has them; only of a page that the learner will see. */
  | {
      readonly kind: 'head';
      readonly status: number;
      readonly reason: string;
      readonly headers: HeaderList;
      readonly cookies?: string;
      /** All headers as the server saw and sent them, for the learner's eyes. */
      readonly seen: { readonly sent: HeaderList; readonly received: HeaderList };
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly ports: readonly OpenPort[] }
  | { readonly kind: 'ping' };

/** What a page's WebSocket says on its channel. */
export type SocketOrder =
  | { readonly kind: 'send'; readonly data: string | ArrayBuffer }
  | { readonly kind: 'close'; readonly code?: number; readonly reason: string }
  /** The page has dealt with so many bytes of messages. */
  | { readonly kind: 'consumed'; readonly byteCount: number }
  /** The page is left. */
  | { readonly kind: 'abort' }
  | { readonly kind: 'pong' };

/** What is said on the channel to a page's WebSocket. */
export type SocketNews =
  | FirstMessage
  | { readonly kind: 'open'; readonly protocol: string }
  /** `byteCount` is to be told back when it was dealt with. */
  | { readonly kind: 'message'; readonly data: string | ArrayBuffer; readonly byteCount: number }
  /** So much of what was to be sent has been, counted as `bufferedAmount` counts. */
  | { readonly kind: 'sent'; readonly byteCount: number }
  /** The last word. `problem` says what went wrong, where something did. */
  | { readonly kind: 'ended'; readonly code: number; readonly reason: string; readonly wasClean: boolean; readonly problem?: string }
  | { readonly kind: 'ping' };

/** What a page says about its cookies: a line as one of `Set-Cookie`, or that the page is left. */
export type CookieOrder = { readonly kind: 'set'; readonly cookie: string } | { readonly kind: 'abort' } | { readonly kind: 'pong' };

/** What is said to a page about its cookies: all that its scripts may see, once so many of its lines have been dealt with. */
export type CookieNews = FirstMessage | { readonly kind: 'cookies'; readonly cookies: string; readonly taken: number } | { readonly kind: 'ping' };

/** What a page of a container asks the service worker for. `attempt` counts the pages that were asked and have another sandbox. */
export type PageAsk = (
  { readonly kind: 'ask-socket'; readonly route: PreviewRoute; readonly protocols: readonly string[] } | { readonly kind: 'ask-cookies' }
) & { readonly attempt: number };

/** What a page of a container has the service worker tell: lines of its console. */
export interface PageConsole {
  readonly kind: 'tell-console';
  readonly lines: readonly { readonly level: ConsoleLine['level']; readonly text: string }[];
}
