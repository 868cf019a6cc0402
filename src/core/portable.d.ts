/**
 * The few globals that the page, a Web Worker and Node all have, written by hand: the core may use these and nothing else.
 * Keep it the intersection of the hosts (a worker's ReadableStream has no async iterator everywhere, so there is none here).
 */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
declare class AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare class URLSearchParams {
  constructor(values?: Record<string, string> | string);
  get(name: string): string | null;
  toString(): string;
}
declare class URL {
  constructor(url: string, base?: string);
  readonly protocol: string;
  readonly origin: string;
  readonly pathname: string;
  readonly hash: string;
  readonly search: string;
  readonly searchParams: URLSearchParams;
  readonly hostname: string;
  readonly port: string;
  readonly href: string;
}
declare class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}
declare const crypto: {
  readonly subtle: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> };
  getRandomValues<T extends Uint8Array>(array: T): T;
};
interface ReadableStreamReader<T> {
  read(): Promise<{ done: false; value: T } | { done: true; value?: undefined }>;
  cancel(): Promise<void>;
}
interface TransformPair<T> {
  readonly readable: ReadableStream<T>;
}
declare class ReadableStream<T> {
  constructor(source: { pull(controller: { enqueue(piece: T): void; close(): void }): Promise<void>; cancel(): Promise<void> });
  pipeThrough<R>(transform: TransformPair<R>): ReadableStream<R>;
  getReader(): ReadableStreamReader<T>;
}
/** Takes the bytes to be packed or unpacked. */
interface ByteSink {
  getWriter(): { write(piece: Uint8Array<ArrayBuffer>): Promise<void>; close(): Promise<void> };
}
declare class CompressionStream implements TransformPair<Uint8Array> {
  constructor(format: 'deflate' | 'gzip');
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: ByteSink;
}
declare class DecompressionStream implements TransformPair<Uint8Array> {
  constructor(format: 'deflate' | 'gzip');
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: ByteSink;
}
declare class Blob {
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}
declare class Response {
  constructor(body: ReadableStream<Uint8Array>);
  blob(): Promise<Blob>;
}
declare const performance: { now(): number };
declare const console: { warn(...values: unknown[]): void; error(...values: unknown[]): void; log(...values: unknown[]): void };
declare function atob(base64: string): string;
declare function btoa(binary: string): string;
declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function setInterval(callback: () => void, milliseconds?: number): unknown;
declare function clearInterval(timer: unknown): void;
declare function queueMicrotask(callback: () => void): void;
