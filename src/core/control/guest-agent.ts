import { Emitter, type Event } from '../base/events.ts';
import { SandboxError, withTimeout } from '../base/errors.ts';
import type { Connection } from '../network/connection.ts';
import type { CommandResult, RunOptions, SandboxStatus } from './guest-answers.ts';
import { encodeFrame, FrameReader, MAX_PAYLOAD_BYTES, type Frame } from './frames.ts';

/** The byte pipe to the agent: the guest's control port. */
export interface ControlPort {
  readonly onOutput: Event<Uint8Array>;
  acknowledge(byteCount: number): void;
  write(bytes: Uint8Array): Promise<void>;
}

const COMMAND_TIMEOUT_MILLISECONDS = 120_000;
const ANSWER_TIMEOUT_MILLISECONDS = 30_000;
const ZERO_TIMEOUT_MILLISECONDS = 300_000;
/** Bytes on their way to one command or connection that the guest has not yet said it took. */
const WINDOW_BYTES = 64 * 1024;
/** Output kept of a command, in bytes; what comes after is dropped and said to be. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const ENGINE_STATES = ['starting', 'running', 'stopped'] as const;

const encoder = new TextEncoder();
const none = new Uint8Array(0);

function numberOf(payload: Uint8Array): number {
  return (payload[0]! | (payload[1]! << 8) | (payload[2]! << 16) | (payload[3]! << 24)) >>> 0;
}

/** Bytes that arrived in pieces, as text; cut at MAX_OUTPUT_BYTES. */
class OutputText {
  readonly #decoder = new TextDecoder();
  #text = '';
  #bytes = 0;

  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= MAX_OUTPUT_BYTES) this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  end(): string {
    const cut = this.#bytes > MAX_OUTPUT_BYTES ? `\n[${this.#bytes - MAX_OUTPUT_BYTES} more bytes were dropped]\n` : '';
    return this.#text + this.#decoder.decode() + cut;
  }
}

/** One command or connection in progress. */
interface Channel {
  readonly onFrame: (frame: Frame) => void;
  inFlightBytes: number;
  readonly waiting: (() => void)[];
}

/** The sandbox's side of the control port: commands, connections and status, many at a time. */
export class GuestAgent {
  readonly #reader = new FrameReader();
  readonly #channels = new Map<number, Channel>();
  readonly #up = new Emitter<void>();
  /** The agent has started: after a boot, not after a restore. */
  readonly onUp = this.#up.event;
  #next = 1;
  #statusWaiting: ((status: SandboxStatus) => void)[] = [];
  #zeroWaiting: (() => void)[] = [];

  constructor(private readonly port: ControlPort) {
    port.onOutput(bytes => {
      port.acknowledge(bytes.length);
      for (const frame of this.#reader.push(bytes)) this.#handle(frame);
    });
  }

  /** Runs a shell command line. Rejects with `timed-out` after the given time, having killed it. */
  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const { promise, id, kill } = this.#start(command, options);
    try {
      const milliseconds = options.timeoutMilliseconds ?? COMMAND_TIMEOUT_MILLISECONDS;
      const limit = `"${command.slice(0, 80)}" did not end within ${Math.round(milliseconds / 1000)} s and was stopped.`;
      void this.#feed(id, encoder.encode(options.stdin ?? ''));
      return await withTimeout(promise, milliseconds, limit);
    } catch (error) {
      kill();
      throw error;
    }
  }

  #start(command: string, options: RunOptions): { promise: Promise<CommandResult>; id: number; kill: () => void } {
    const payload = encoder.encode(`${options.directory ?? '/workspace'}\0${command}\0`);
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new SandboxError('guest-unreachable', `A command can be at most ${MAX_PAYLOAD_BYTES - 200} bytes long: put it into a script.`);
    }
    const [out, err] = [new OutputText(), new OutputText()];
    let id = 0;
    const promise = new Promise<CommandResult>((resolve, reject) => {
      id = this.#open(frame => {
        if (frame.type === 'o') out.add(frame.payload);
        if (frame.type === 'e') err.add(frame.payload);
        if (frame.type === 'x' || frame.type === 'C') this.#close(id);
        if (frame.type === 'x') resolve({ exitCode: numberOf(frame.payload), stdout: out.end(), stderr: err.end() });
        if (frame.type === 'C') reject(new SandboxError('guest-unreachable', 'Too many commands run in the guest at once: wait for some to end.'));
      });
    });
    this.#send('R', id, payload);
    return { promise, id, kill: () => this.#send('K', id, none) };
  }

  /** Connects to a unix socket (`/run/docker.sock`) or a port (`:8080`) in the guest. */
  dial(target: string): Promise<Connection> {
    const [data, closed] = [new Emitter<Uint8Array>(), new Emitter<SandboxError | undefined>()];
    const id = this.#open(frame => {
      if (frame.type === 'd') data.emit(frame.payload);
      if (frame.type !== 'C') return;
      this.#close(id);
      const why = new TextDecoder().decode(frame.payload);
      closed.emit(why === '' ? undefined : new SandboxError('guest-unreachable', `Nothing answers at ${target} in the guest (${why}).`));
    });
    this.#send('D', id, encoder.encode(target));
    return Promise.resolve({
      onData: data.event,
      onClose: closed.event,
      // The guest's side does not wait for it yet: what arrives is kept until it is read.
      acknowledge: () => undefined,
      write: bytes => this.#write(id, bytes),
      end: () => this.#send('c', id, none),
      close: () => {
        if (this.#channels.has(id)) this.#send('K', id, none);
        this.#close(id);
      },
    });
  }

  /** How the guest is doing. */
  status(): Promise<SandboxStatus> {
    const answer = new Promise<SandboxStatus>(resolve => this.#statusWaiting.push(resolve));
    this.#send('s', 0, none);
    return withTimeout(answer, ANSWER_TIMEOUT_MILLISECONDS, 'The guest does not answer: it may be very busy, or it has crashed.');
  }

  /** Sets the guest's clock, in milliseconds since 1970. */
  setTime(milliseconds: number): void {
    const bytes = new Uint8Array(8);
    for (let index = 0; index < 8; index++) bytes[index] = Math.floor(milliseconds / 256 ** index) % 256;
    this.#send('T', 0, bytes);
  }

  /** Fills the guest's free memory with zeros, so that a state saved now is small. */
  zeroFreeMemory(): Promise<void> {
    const answer = new Promise<void>(resolve => this.#zeroWaiting.push(resolve));
    this.#send('Z', 0, none);
    return withTimeout(answer, ZERO_TIMEOUT_MILLISECONDS, 'The guest did not clear its memory in time.');
  }

  /** Shuts the guest down in order. The machine goes on spinning: dispose of it. */
  powerOff(): void {
    this.#send('P', 0, none);
  }

  #open(onFrame: (frame: Frame) => void): number {
    while (this.#channels.has(this.#next)) this.#next = (this.#next % 0xffff) + 1;
    const id = this.#next;
    this.#next = (this.#next % 0xffff) + 1;
    this.#channels.set(id, { onFrame, inFlightBytes: 0, waiting: [] });
    return id;
  }

  #close(id: number): void {
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    channel?.waiting.splice(0).forEach(go => go());
  }

  async #feed(id: number, bytes: Uint8Array): Promise<void> {
    await this.#write(id, bytes);
    if (this.#channels.has(id)) this.#send('c', id, none);
  }

  async #write(id: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES) {
      const channel = this.#channels.get(id);
      if (!channel) return;
      if (channel.inFlightBytes > WINDOW_BYTES) await new Promise<void>(go => channel.waiting.push(go));
      const piece = bytes.subarray(at, at + MAX_PAYLOAD_BYTES);
      channel.inFlightBytes += piece.length;
      this.#send('d', id, piece);
    }
  }

  #send(type: string, channel: number, payload: Uint8Array): void {
    void this.port.write(encodeFrame(type, channel, payload));
  }

  #handle(frame: Frame): void {
    if (frame.type === 'b') this.#up.emit();
    else if (frame.type === 's') this.#takeStatus(frame.payload);
    else if (frame.type === 'z') this.#zeroWaiting.shift()?.();
    else if (frame.type === 'w') this.#taken(frame);
    else this.#channels.get(frame.channel)?.onFrame(frame);
  }

  #taken(frame: Frame): void {
    const channel = this.#channels.get(frame.channel);
    if (!channel) return;
    channel.inFlightBytes -= numberOf(frame.payload);
    if (channel.inFlightBytes <= WINDOW_BYTES) channel.waiting.splice(0).forEach(go => go());
  }

  #takeStatus(payload: Uint8Array): void {
    const [total, available, diskTotal, diskAvailable, engine] = new TextDecoder().decode(payload).split(' ').map(Number);
    this.#statusWaiting.shift()?.({
      memoryTotalBytes: total ?? 0,
      memoryAvailableBytes: available ?? 0,
      diskTotalBytes: diskTotal ?? 0,
      diskAvailableBytes: diskAvailable ?? 0,
      engine: ENGINE_STATES[engine ?? 0] ?? 'starting',
    });
  }
}
