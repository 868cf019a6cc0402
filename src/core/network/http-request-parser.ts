import type { HttpHeaders } from './http-headers.ts';
import { HttpMessageParser, parseLength, type BodyFraming, type MessageForm } from './http-message-parser.ts';

/** The start of a request. */
export interface RequestHead {
  readonly method: string;
  /** As sent: `/path?query`, `http://host/path` to a proxy, `host:port` with CONNECT, or `*`. */
  readonly target: string;
  /** 0 or 1: HTTP/1.0 knows neither chunks nor, unless asked, kept connections. */
  readonly minorVersion: 0 | 1;
  readonly headers: HttpHeaders;
}

type RequestLine = Omit<RequestHead, 'headers'>;

/** Reads requests, one after the other. */
export class HttpRequestParser extends HttpMessageParser<RequestLine, RequestHead> {
  constructor() {
    super(requestForm);
  }
}

const requestForm: MessageForm<RequestLine, RequestHead> = {
  name: 'request',
  isRepeated: true,
  readStart(line) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([01])$/.exec(line);
    if (match === null) throw new Error('it does not begin like an HTTP/1.1 request');
    return { method: match[1]!, target: match[2]!, minorVersion: match[3] === '0' ? 0 : 1 };
  },
  readHead(start, headers) {
    const host = headers.get('host');
    if (start.minorVersion === 1 && host === undefined) throw new Error('it does not say which host it is for');
    if (host?.includes(',')) throw new Error('it names two hosts');
    return { ...start, headers };
  },
  framingOf({ headers }): BodyFraming {
    const [coding, length] = [headers.get('transfer-encoding'), headers.get('content-length')];
    if (coding === undefined) return length === undefined ? { kind: 'none' } : { kind: 'fixed', bytes: parseLength(length) };
    // Two ends of a body would let two readers see two requests.
    if (length !== undefined) throw new Error('it has both a length and a transfer coding');
    if (coding.toLowerCase() !== 'chunked') throw new Error(`its transfer coding "${coding}" is unknown`);
    return { kind: 'chunked' };
  },
};
