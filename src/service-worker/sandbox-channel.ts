import {
  PREVIEW_WINDOW_BYTES,
  SILENCE_MILLISECONDS,
  type AnswerMessage,
  type CallerMessage,
  type NotHere,
  type PreviewCall,
  type RequestCall,
} from '../core/preview/preview-call.ts';
import { allowScript } from '../core/preview/content-policy.ts';
import type { Exchange } from '../core/preview/page-report.ts';
import { mapLocation } from '../core/preview/preview-route.ts';
import { base64Of } from '../core/base/bytes.ts';
import { digestOf } from '../core/base/file-digest.ts';
import { withFirstScript } from './first-script.ts';

/** How a call began to be answered. */
export type Answer =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'absent'; readonly why: NotHere }
  | (AnswerMessage & { readonly kind: 'failed' });

/** A page that says nothing for so long is frozen or gone. */
const PAGE_MILLISECONDS = 10_000;
const BODY_PIECE_BYTES = 64 * 1024;
/** Answers that have no body: the browser throws where one is given. */
const BODILESS = new Set([204, 205, 304]);
/** What is read ahead of the browser. */
const READ_AHEAD_BYTES = 128 * 1024;

/** The page that is asked: a client of the service worker. */
export interface AskedPage {
  postMessage(message: PreviewCall, transfer?: Transferable[]): void;
}

/** Gives the text of a script that is to run first in a page with these cookies. */
export type ScriptFor = (cookies: string) => string;

export interface SandboxChannelOptions {
  readonly page: AskedPage;
  readonly call: RequestCall;
  readonly body: Blob | undefined;
  readonly site: string;
  /** Gives the script that is to run first in a page that the learner will see, with the cookies that it may see; undefined for what is no such page. */
  readonly scriptFor?: ScriptFor | undefined;
  /** Hears of the exchange when its answer begins, and when it is over. */
  tell?(exchange: Exchange): void;
}

/** One call to the sandbox of one page, from the request's body to the last byte of the answer. */
export class SandboxChannel {
  /** Resolves with the head of the answer, or with what there is instead; never rejects. */
  readonly answer: Promise<Answer>;
  /** Resolves when nothing more comes: until then the browser should let the service worker live. */
  readonly whenOver: Promise<void>;
  readonly #call: RequestCall;
  readonly #scriptFor: ScriptFor | undefined;
  readonly #tell: (exchange: Exchange) => void;
  readonly #id = crypto.randomUUID();
  readonly #begun = performance.now();
  #head: (AnswerMessage & { readonly kind: 'head' }) | undefined;
  readonly #site: string;
  readonly #port: MessagePort;
  readonly #body: Blob | undefined;
  #resolveAnswer!: (answer: Answer) => void;
  #resolveOver!: () => void;
  #timer: ReturnType<typeof setTimeout>;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #enqueuedBytes = 0;
  #consumedBytes = 0;
  #bodyAt = 0;
  #bodyRoom = PREVIEW_WINDOW_BYTES;
  #isReading = false;
  #isOver = false;
  #isAborted = false;

  constructor({ body, call, page, scriptFor, site, tell = () => undefined }: SandboxChannelOptions) {
    this.#call = call;
    this.#body = body;
    this.#site = site;
    this.#scriptFor = scriptFor;
    this.#tell = tell;
    this.answer = new Promise(resolve => (this.#resolveAnswer = resolve));
    this.whenOver = new Promise(resolve => (this.#resolveOver = resolve));
    const channel = new MessageChannel();
    this.#port = channel.port1;
    this.#port.onmessage = event => this.#receive(event.data as AnswerMessage);
    // Where browsers tell it: the machine or its page is gone.
    this.#port.addEventListener('close', () => this.#break());
    this.#timer = setTimeout(() => this.#end({ kind: 'absent', why: 'no-page' }), PAGE_MILLISECONDS);
    page.postMessage(call, [channel.port2]);
  }

  /** Says that nobody wants the answer any more. */
  abort(): void {
    if (this.#isOver) return;
    this.#isAborted = true;
    this.#send({ kind: 'abort' });
    this.#stream?.error(new DOMException('The request was aborted.', 'AbortError'));
    this.#end({ kind: 'absent', why: 'no-page' });
  }

  #receive(message: AnswerMessage): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#break(), SILENCE_MILLISECONDS);
    if (message.kind === 'bytes') this.#takeBytes(message.bytes);
    else if (message.kind === 'ping') this.#send({ kind: 'pong' });
    else if (message.kind === 'taken') void this.#sendBody();
    else if (message.kind === 'sent') this.#makeRoom(message.byteCount);
    else if (message.kind === 'head') this.#takeHead(message);
    else if (message.kind === 'not-here') this.#end({ kind: 'absent', why: message.why });
    else if (message.kind === 'failed') {
      this.#stream?.error(new TypeError(message.message));
      this.#end(message);
    } else {
      this.#stream?.close();
      this.#end({ kind: 'absent', why: 'no-page' });
    }
  }

  #takeHead(head: AnswerMessage & { kind: 'head' }): void {
    this.#head = head;
    this.#report('open');
    try {
      this.#resolveAnswer({ kind: 'response', response: this.#responseOf(head) });
    } catch (error) {
      // A status beyond 599 or a header that no browser takes.
      this.#send({ kind: 'abort' });
      this.#end({ kind: 'failed', code: 'guest-unreachable', message: `The answer is none that a browser takes: ${String(error)}`, ports: [] });
    }
  }

  #takeBytes(bytes: Uint8Array): void {
    this.#enqueuedBytes += bytes.length;
    this.#stream?.enqueue(bytes);
  }

  /** What stands between the sandbox and the browser is gone: the answer ends in an error. */
  #break(): void {
    if (this.#isOver) return;
    const message = 'The machine stopped before the answer was whole.';
    this.#stream?.error(new TypeError(message));
    this.#end({ kind: 'failed', code: 'machine-stopped', message, ports: [] });
  }

  /** `answer` is told where none was before. */
  #end(answer: Answer): void {
    this.#isOver = true;
    // Another page may have the machine: what this one says of the request is nothing then.
    if (answer.kind !== 'absent') this.#report('failed', answer.kind === 'failed' ? answer.message : undefined);
    else if (this.#head !== undefined) this.#report(this.#isAborted ? 'failed' : 'done', this.#isAborted ? 'It was called off.' : undefined);
    clearTimeout(this.#timer);
    this.#resolveAnswer(answer);
    this.#resolveOver();
    this.#port.close();
  }

  #report(state: Exchange['state'], problem?: string): void {
    const { method, route } = this.#call;
    const { received, sent } = this.#head?.seen ?? { received: [], sent: this.#call.headers };
    const { status } = this.#head ?? {};
    const milliseconds = Math.round(performance.now() - this.#begun);
    const known = {
      kind: 'preview-exchange',
      id: this.#id,
      route,
      method,
      status,
      milliseconds,
      bytes: this.#enqueuedBytes,
      sent,
      received,
    } as const;
    this.#tell({ ...known, state, ...(problem !== undefined && { problem }) });
  }

  #send(message: CallerMessage): void {
    this.#port.postMessage(message);
  }

  #makeRoom(byteCount: number): void {
    this.#bodyRoom += byteCount;
    void this.#sendBody();
  }

  async #sendBody(): Promise<void> {
    const body = this.#body;
    if (body === undefined || this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#bodyAt < body.size && this.#bodyRoom >= BODY_PIECE_BYTES && !this.#isOver) {
        const bytes = new Uint8Array(await body.slice(this.#bodyAt, this.#bodyAt + BODY_PIECE_BYTES).arrayBuffer());
        this.#bodyAt += bytes.length;
        this.#bodyRoom -= bytes.length;
        const message: CallerMessage = { kind: 'body', bytes };
        if (!this.#isOver) this.#port.postMessage(message, [bytes.buffer]);
      }
    } catch {
      if (!this.#isOver) this.#send({ kind: 'body-failed' });
    }
    this.#isReading = false;
  }

  #responseOf({ cookies, headers: list, reason, status }: AnswerMessage & { kind: 'head' }): Response {
    const headers = new Headers();
    for (const [name, value] of list) {
      headers.append(name, name === 'location' ? mapLocation(this.#site, this.#call.route, value) : value);
    }
    if (BODILESS.has(status) || this.#call.method === 'HEAD') return new Response(null, { status, statusText: reason, headers });
    const script = cookies === undefined || !isPage(headers) ? undefined : this.#scriptFor?.(cookies);
    const body = unpacked(this.#bodyStream(), headers);
    if (script === undefined) return new Response(body, { status, statusText: reason, headers });
    const policies = list.filter(([name]) => name === 'content-security-policy');
    headers.delete('content-security-policy');
    for (const [name, value] of policies) headers.append(name, allowScript(value, hashOf(script)));
    // The page gets longer.
    headers.delete('content-length');
    return new Response(body.pipeThrough(withFirstScript(script) as ReadableWritablePair<Uint8Array, Uint8Array>), {
      status,
      statusText: reason,
      headers,
    });
  }

  #bodyStream(): ReadableStream<Uint8Array> {
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: controller => void (this.#stream = controller),
      pull: () => this.#tellConsumed(),
      cancel: () => this.abort(),
    };
    return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD_BYTES }));
  }

  /** The browser asks for more: what no longer lies here it has taken. */
  #tellConsumed(): void {
    const lying = READ_AHEAD_BYTES - (this.#stream?.desiredSize ?? 0);
    const byteCount = this.#enqueuedBytes - lying - this.#consumedBytes;
    if (byteCount <= 0 || this.#isOver) return;
    this.#consumedBytes += byteCount;
    this.#send({ kind: 'consumed', byteCount });
  }
}

/** Is it a page of HTML that the browser shows, and does not store as a file? */
function isPage(headers: Headers): boolean {
  const type = headers.get('content-type') ?? '';
  return /^\s*text\/html\b/i.test(type) && !/utf-?16/i.test(type) && !/^\s*attachment/i.test(headers.get('content-disposition') ?? '');
}

/** As a Content-Security-Policy names a script. */
function hashOf(script: string): string {
  return `sha256-${base64Of(digestOf('sha256', new TextEncoder().encode(script)))}`;
}

/** A service worker's answer is not unpacked by the browser. What it was packed with stands in the headers, and goes from them. */
function unpacked(body: ReadableStream<Uint8Array>, headers: Headers): ReadableStream<Uint8Array> {
  const coding = headers.get('content-encoding')?.trim().toLowerCase();
  if (coding !== 'gzip' && coding !== 'deflate') return body;
  headers.delete('content-encoding');
  headers.delete('content-length');
  return body.pipeThrough(new DecompressionStream(coding) as ReadableWritablePair<Uint8Array, Uint8Array>);
}
