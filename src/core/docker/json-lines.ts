import { SandboxError } from '../base/errors.ts';

/** The longest line taken, in characters: an event is some hundred. */
const MAX_LINE_LENGTH = 1024 * 1024;

/**
 * Reads a stream of JSON values, one a line, cut anywhere. The last needs no line end.
 * Throws `docker-refused` for a line that is no JSON or is too long.
 */
export async function* readJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of chunks) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parseLine(line);
    if (rest.length > MAX_LINE_LENGTH) throw new SandboxError('docker-refused', 'The Docker Engine sent a line that is too long.');
  }
  rest += decoder.decode();
  if (rest.trim() !== '') yield parseLine(rest);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new SandboxError('docker-refused', 'The Docker Engine sent something that cannot be read.', { cause: error });
  }
}
