import { Emitter, type Event } from '../base/events.ts';
import { SandboxError, withTimeout } from '../base/errors.ts';
import type { Connection, IncomingConnection } from '../network/connection.ts';
import { Channel } from './channel.ts';
import type { CommandResult, RunOptions, SandboxStatus } from './guest-answers.ts';
import { decodeNumber, encodeFrame, FrameReader, MAX_PAYLOAD_BYTES, type Frame } from './frames.ts';
import { GuestConnection } from './guest-connection.ts';

/** The byte pipe to the agent: the guest's control port. */
export interface ControlPort {
  readonly onOutput: Event<Uint8Array>;
  /** What was written and the guest has not taken. */
  readonly unsent: Uint8Array;
  acknowledge(byteCount: number): void;
  write(bytes: Uint8Array): Promise<void>;
}

const COMMAND_TIMEOUT_MILLISECONDS = 120_000;
const ANSWER_TIMEOUT_MILLISECONDS = 30_000;
const ZERO_TIMEOUT_MILLISECONDS = 300_000;
/** Channels from here on are connections that the guest opened, and the agent numbers them. */
const FIRST_GUEST_CHANNEL = 0x8000;
/** Output kept of a command, in bytes; what comes after is dropped and said to be. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const ENGINE_STATES = ['starting', 'running', 'stopped'] as const;

const encoder = new TextEncoder();
const none = new Uint8Array(0);

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

/** What another GuestAgent needs to go on with a saved guest: plain data for JSON. */
export interface AgentState {
  /** Channels that were open: their end here is gone with this program. */
  readonly open: readonly number[];
  readonly nextId: number;
  /** Bytes of a frame from the guest that had not come as a whole, and those to the guest that it had not taken. */
  readonly received: readonly number[];
  readonly unsent: readonly number[];
}

/** The sandbox's side of the control port: commands, connections and status, many at a time. */
export class GuestAgent {
  readonly #reader = new FrameReader();
  readonly #channels = new Map<number, Channel>();
  readonly #up = new Emitter<void>();
  /** The agent has started: after a boot, not after a restore. */
  readonly onUp = this.#up.event;
  readonly #connection = new Emitter<IncomingConnection>();
  #connectionListeners = 0;
  #next = 1;
  #statusWaiting: ((status: SandboxStatus) => void)[] = [];
  #zeroWaiting: (() => void)[] = [];

  constructor(private readonly port: ControlPort) {
    port.onOutput(bytes => {
      port.acknowledge(bytes.length);
      for (const frame of this.#reader.push(bytes)) this.#handle(frame);
    });
  }

  /** A program in the guest opened a connection to the world outside. While nobody listens it is closed at once. */
  readonly onConnection: Event<IncomingConnection> = listener => {
    const stop = this.#connection.event(listener);
    this.#connectionListeners++;
    let isListening = true;
    return () => {
      if (isListening) this.#connectionListeners--;
      isListening = false;
      stop();
    };
  };

  /** Runs a shell command line. Rejects with `timed-out` after the given time, having killed it. */
  async run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    const { promise, channel, kill } = this.#start(command, options);
    try {
      const milliseconds = options.timeoutMilliseconds ?? COMMAND_TIMEOUT_MILLISECONDS;
      const limit = `"${command.slice(0, 80)}" did not end within ${Math.round(milliseconds / 1000)} s and was stopped.`;
      // A command may well end before it has read all that it is given.
      channel.write(encoder.encode(options.stdin ?? '')).catch(() => undefined);
      channel.end();
      return await withTimeout(promise, milliseconds, limit);
    } catch (error) {
      kill();
      throw error;
    }
  }

  #start(command: string, options: RunOptions): { promise: Promise<CommandResult>; channel: Channel; kill: () => void } {
    const payload = encoder.encode(`${options.directory ?? '/workspace'}\0${command}\0`);
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new SandboxError('guest-unreachable', `A command can be at most ${MAX_PAYLOAD_BYTES - 200} bytes long: put it into a script.`);
    }
    const [out, err] = [new OutputText(), new OutputText()];
    const id = this.#freeId();
    let channel!: Channel;
    const promise = new Promise<CommandResult>((resolve, reject) => {
      channel = this.#open(id, frame => {
        if (frame.type === 'o') out.add(frame.payload);
        if (frame.type === 'e') err.add(frame.payload);
        if (frame.type === 'x' || frame.type === 'C') this.#forget(id);
        if (frame.type === 'x') resolve({ exitCode: decodeNumber(frame.payload), stdout: out.end(), stderr: err.end() });
        if (frame.type === 'C') reject(new SandboxError('guest-unreachable', 'Too many commands run in the guest at once: wait for some to end.'));
      });
    });
    channel.send('R', payload);
    return { promise, channel, kill: () => channel.send('K', none) };
  }

  /**
   * Connects to a unix socket (`/run/docker.sock`) or a port (`:8080`) in the guest. Where nothing answers there, or too many
   * connections are open, the connection's `onClose` tells.
   */
  dial(target: string): Promise<Connection> {
    const id = this.#freeId();
    const connection = this.#connect(id, target);
    this.#send('D', id, encoder.encode(target));
    return Promise.resolve(connection);
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

  /** What `resume` of another agent needs, should the guest be saved now. */
  saveState(): AgentState {
    return { open: [...this.#channels.keys()], nextId: this.#next, received: [...this.#reader.rest], unsent: [...this.port.unsent] };
  }

  /**
   * Goes on with a guest from where it was saved: the first thing to do with it. Whatever was open then is closed, its commands end. The numbers of those channels
   * are not used again soon: a command takes its time to end.
   */
  resume({ open, nextId, received, unsent }: AgentState): void {
    void this.port.write(Uint8Array.from(unsent));
    this.#reader.push(Uint8Array.from(received));
    this.#next = nextId;
    for (const id of open) this.#send('K', id, none);
  }

  /** Shuts the guest down in order. The machine goes on spinning: dispose of it. */
  powerOff(): void {
    this.#send('P', 0, none);
  }

  #freeId(): number {
    const after = (id: number) => (id + 1 < FIRST_GUEST_CHANNEL ? id + 1 : 1);
    while (this.#channels.has(this.#next)) this.#next = after(this.#next);
    const id = this.#next;
    this.#next = after(id);
    return id;
  }

  #open(id: number, onFrame: (frame: Frame) => void): Channel {
    const channel = new Channel((type, payload) => this.#send(type, id, payload), onFrame);
    this.#channels.set(id, channel);
    return channel;
  }

  #forget(id: number): void {
    this.#channels.get(id)?.close();
    this.#channels.delete(id);
  }

  #connect(id: number, target: string): Connection {
    const channel = this.#open(id, frame => connection.take(frame));
    const connection = new GuestConnection(channel, target, () => {
      if (channel.isOpen) this.#forget(id);
    });
    return connection;
  }

  #takeConnection({ channel, payload }: Frame): void {
    const service = new TextDecoder().decode(payload);
    const connection = this.#connect(channel, service);
    if (this.#connectionListeners === 0) connection.close();
    else this.#connection.emit({ service, connection });
  }

  #send(type: string, channel: number, payload: Uint8Array): void {
    void this.port.write(encodeFrame(type, channel, payload));
  }

  #handle(frame: Frame): void {
    if (frame.type === 'b') this.#up.emit();
    else if (frame.type === 's') this.#takeStatus(frame.payload);
    else if (frame.type === 'z') this.#zeroWaiting.shift()?.();
    else if (frame.type === 'O') this.#takeConnection(frame);
    else this.#takeChannelFrame(frame);
  }

  #takeChannelFrame(frame: Frame): void {
    const channel = this.#channels.get(frame.channel);
    if (channel) channel.take(frame);
    // A connection that was open when the machine was saved: its other end is gone, and the guest shall know.
    else if (frame.type === 'd' && frame.channel >= FIRST_GUEST_CHANNEL) this.#send('K', frame.channel, none);
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
