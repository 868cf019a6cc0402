import type { OutputPiece } from './output-stream.ts';

/** A stretch of output of one stream. */
export interface LogSpan {
  readonly stream: OutputPiece['stream'];
  readonly text: string;
}

/** The last part of what a container wrote, as text. */
export class LogTail {
  readonly #maxLength: number;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #spans: LogSpan[] = [];
  #length = 0;
  #isCut = false;

  /** Keeps the last `maxLength` characters, from the start of a line. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  get spans(): readonly LogSpan[] {
    return this.#spans;
  }

  /** True when there was more than is kept. */
  get isCut(): boolean {
    return this.#isCut;
  }

  add({ stream, bytes }: OutputPiece): void {
    const text = plainText(this.#decoders[stream].decode(bytes, { stream: true }));
    if (text === '') return;
    const last = this.#spans.at(-1);
    this.#spans = last?.stream === stream ? [...this.#spans.slice(0, -1), { stream, text: last.text + text }] : [...this.#spans, { stream, text }];
    this.#length += text.length;
    while (this.#length > this.#maxLength) this.#cut();
  }

  #cut(): void {
    this.#isCut = true;
    const [first, ...rest] = this.#spans;
    const { stream, text } = first!;
    const end = text.indexOf('\n', this.#length - this.#maxLength - 1);
    const kept = end === -1 ? '' : text.slice(end + 1);
    this.#length -= text.length - kept.length;
    this.#spans = kept === '' ? rest : [{ stream, text: kept }, ...rest];
  }
}

/** Without what a terminal would take for colours and movements; a line that was written over shows what it became. */
function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is to be left out
  return text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\r(?=\n)/g, '').replace(/[^\n]*\r/g, '');
}
