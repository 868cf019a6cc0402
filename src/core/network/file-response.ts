import type { HttpServerRequest, HttpServerResponse } from './http-server.ts';

/** Something of known size that never changes, served whole or from an offset. */
export interface ServedFile {
  readonly bytes: number;
  /** Names the content, without quotes. */
  readonly tag: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The content from one offset up to (not with) another. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** The answer to a GET or HEAD of a file. Knows Range (one range) and If-Range, so that an interrupted download can go on where it stopped. */
export function fileResponse({ headers }: Pick<HttpServerRequest, 'headers'>, file: ServedFile): HttpServerResponse {
  const tag = `"${file.tag}"`;
  const common: [string, string][] = [
    ['Accept-Ranges', 'bytes'],
    ['ETag', tag],
  ];
  const ifRange = headers.get('if-range');
  const range = ifRange === undefined || ifRange === tag ? rangeOf(headers.get('range'), file.bytes) : undefined;
  if (range === 'unsatisfiable') return { status: 416, headers: [...common, ['Content-Range', `bytes */${file.bytes}`]] };
  const [start, end] = range ?? [0, file.bytes];
  const body = { bytes: end - start, content: file.read(start, end) };
  if (range === undefined) return { status: 200, headers: [...file.headers, ...common], body };
  return { status: 206, headers: [...file.headers, ...common, ['Content-Range', `bytes ${start}-${end - 1}/${file.bytes}`]], body };
}

/** Start and end (not included) of a Range header's range; undefined where the whole is to be sent, as for several ranges or what cannot be read. */
function rangeOf(header: string | undefined, size: number): readonly [number, number] | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [first, last] = [match[1]!, match[2]!];
  if (first === '') return Number(last) === 0 || size === 0 ? 'unsatisfiable' : [Math.max(0, size - Number(last)), size];
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return [start, last === '' ? size : Math.min(size, Number(last) + 1)];
}
