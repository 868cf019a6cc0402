import { joined } from '../base/bytes.ts';
import { Emitter } from '../base/events.ts';
import type { V86Queue } from './v86-types.ts';

/** How soon to look again whether the guest has a free receive buffer. */
const RETRY_MILLISECONDS = 3;
/** Output that nobody has acknowledged: above this the guest has to wait. */
const MAX_PENDING_BYTES = 256 * 1024;

/**
 * One port of the guest's virtio console, with flow control both ways. v86 itself drops input that the guest has no
 * buffer for, and takes output without end (src/virtio_console.js there); this class looks at the queues before it acts.
 */
export class ConsolePort {
  readonly #output = new Emitter<Uint8Array>();
  /** Bytes that the guest printed. The reader confirms with `acknowledge` that it has shown them. */
  readonly onOutput = this.#output.event;
  readonly #waiting: { bytes: Uint8Array; taken: () => void }[] = [];
  #pendingBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held = false;

  constructor(
    private readonly receiveQueue: V86Queue,
    private readonly transmitQueue: V86Queue,
    /** The most that is put into one of the guest's receive buffers, which hold a page each. */
    private readonly pieceBytes: number,
  ) {
    // v86's own handler takes output while the queue has a request: say "none" while nobody keeps up.
    const hasRequest = transmitQueue.has_request.bind(transmitQueue);
    transmitQueue.has_request = () => !this.#held && hasRequest();
  }

  /** Nobody keeps up with its output, and the guest, which has one processor, waits for that. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** Called by the machine for each piece that v86 took from the guest. */
  take(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length;
    this.#held = this.#pendingBytes > MAX_PENDING_BYTES;
    this.#output.emit(bytes);
    // A guest that prints has often just read: look at once for what waits.
    if (this.#timer !== undefined) this.#pump();
  }

  /** So many bytes of output were dealt with. */
  acknowledge(byteCount: number): void {
    this.#pendingBytes = Math.max(0, this.#pendingBytes - byteCount);
    if (!this.#held || this.#pendingBytes > MAX_PENDING_BYTES / 2) return;
    this.#held = false;
    this.#takeHeldOutput();
  }

  /** Sends bytes to the guest; resolves when its driver has taken all of them. */
  write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return Promise.resolve();
    return new Promise(taken => {
      this.#waiting.push({ bytes, taken });
      if (this.#timer === undefined) this.#pump();
    });
  }

  /** What was sent and the guest's driver has not taken yet. */
  get unsent(): Uint8Array {
    return joined(...this.#waiting.map(({ bytes }) => bytes));
  }

  /** Looks for output that waits in the guest: a machine that was saved while nobody kept up has told of it in its life before. */
  look(): void {
    this.#takeHeldOutput();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let isAnythingSent = false;
    for (let next = this.#waiting[0]; next && this.receiveQueue.has_request(); next = this.#waiting[0]) {
      const chain = this.receiveQueue.pop_request();
      chain.set_next_blob(next.bytes.subarray(0, this.pieceBytes));
      this.receiveQueue.push_reply(chain);
      isAnythingSent = true;
      next.bytes = next.bytes.subarray(this.pieceBytes);
      if (next.bytes.length > 0) continue;
      this.#waiting.shift();
      next.taken();
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#pump(), RETRY_MILLISECONDS);
    // One interrupt for all of them.
    if (isAnythingSent) this.receiveQueue.flush_replies();
  }

  /** What v86's handler does on a notification, for the requests it was told not to see. */
  #takeHeldOutput(): void {
    while (this.transmitQueue.has_request()) {
      const chain = this.transmitQueue.pop_request();
      const bytes = new Uint8Array(chain.length_readable);
      chain.get_next_blob(bytes);
      chain.set_next_blob(new Uint8Array(0));
      this.transmitQueue.push_reply(chain);
      this.transmitQueue.flush_replies();
      this.take(bytes);
    }
  }
}
