/** Compresses pieces as they come, into one file. */
export function gzipped(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  return new Response(streamOf(pieces).pipeThrough(new CompressionStream('gzip'))).blob();
}

/** Unpacks a file piece by piece. Rejects where it is not gzip, or ends too soon. */
export async function* ungzipped(file: Blob): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function streamOf(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
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
