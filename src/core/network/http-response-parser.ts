import type { HttpHeaders } from './http-headers.ts';
import { HttpMessageParser, parseLength, type BodyFraming, type MessageForm, type MessagePart } from './http-message-parser.ts';

/** The start of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HttpHeaders;
}

/** What the parser found, in order: one head, any data, one end. */
export type ResponsePart = MessagePart<ResponseHead>;

const SWITCHING_PROTOCOLS = 101;
const BODILESS = new Set([204, 304]);

/** Reads the one response to a request of the given method. */
export class HttpResponseParser extends HttpMessageParser<StatusLine, ResponseHead> {
  constructor(method: string) {
    super(responseForm(method === 'HEAD'));
  }
}

type StatusLine = Omit<ResponseHead, 'headers'>;

function responseForm(isHeadRequest: boolean): MessageForm<StatusLine, ResponseHead> {
  return {
    name: 'response',
    isRepeated: false,
    readStart,
    readHead: (start, headers) => (start.status < 200 && start.status !== SWITCHING_PROTOCOLS ? undefined : { ...start, headers }),
    framingOf: head => (isHeadRequest || BODILESS.has(head.status) ? { kind: 'none' } : framingOf(head)),
  };
}

function readStart(line: string): StatusLine {
  const match = /^HTTP\/1\.[01] ([1-9]\d\d)(?: (.*))?$/.exec(line);
  if (match === null) throw new Error('it does not begin like an HTTP/1.1 response');
  return { status: Number(match[1]), reason: match[2] ?? '' };
}

function framingOf({ status, headers }: ResponseHead): BodyFraming {
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new Error(`its transfer coding "${coding}" is unknown`);
    return { kind: 'chunked' };
  }
  const length = headers.get('content-length');
  if (length === undefined || status === SWITCHING_PROTOCOLS) return { kind: 'until-close' };
  return { kind: 'fixed', bytes: parseLength(length) };
}
