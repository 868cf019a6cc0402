/** Compresses pieces as they come, into one file. */
export function gzipped(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  return new Response(streamOf(pieces).pipeThrough(new CompressionStream('gzip'))).blob();
}

/**
 * Unpacks a file piece by piece. Rejects where it is not gzip, or ends too soon. `onBytes` is told how many of the file's bytes have been read so far.
 */
export async function* ungzipped(file: Blob, onBytes: (bytes: number) => void = () => undefined): AsyncGenerator<Uint8Array, void, undefined> {
  yield* gunzipped(counted(piecesOf(file.stream()), onBytes));
}

/** Unpacks pieces as they come. Rejects where they are not gzip, end too soon, or go on after the end. */
export async function* gunzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  // The bytes are nobody else's memory, which the type of a stream's pieces asks for.
  const packed = streamOf(pieces as AsyncIterable<Uint8Array<ArrayBuffer>>);
  yield* piecesOf(packed.pipeThrough(new DecompressionStream('gzip')));
}

/** Pieces as they come; `onBytes` is told how many bytes there were so far. */
export async function* counted<T extends Uint8Array>(pieces: AsyncIterable<T>, onBytes: (bytes: number) => void): AsyncGenerator<T, void, undefined> {
  let bytes = 0;
  for await (const piece of pieces) {
    yield piece;
    onBytes((bytes += piece.length));
  }
}

/** What a stream gives; leaving early cancels it. */
export async function* piecesOf<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Pieces as a stream that is read as fast as its reader takes them. */
export function streamOf<T>(pieces: AsyncIterable<T>): ReadableStream<T> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<T>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
