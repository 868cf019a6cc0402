/** What time it is, as the host knows it. `steady` never jumps; whether it goes on while a computer sleeps differs between systems. */
export interface HostClocks {
  /** Milliseconds since 1970. */
  wall(): number;
  /** Milliseconds since some moment. */
  steady(): number;
}

const LOOK_MILLISECONDS = 1000;
/** A machine at work may keep a timer waiting for a second or two; longer, and it stood still: a frozen tab, a computer that slept. */
const LONGEST_LOOK_MILLISECONDS = 5000;
/** How far the two clocks may differ before the machine's is set: the computer slept, or its clock was set or corrected. */
const LARGEST_JUMP_MILLISECONDS = 500;

const hostClocks: HostClocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Keeps a machine's clock right: sets it at once, and again after every gap, in which a frozen tab or a sleeping computer kept the machine from
 * counting, and after the computer's own clock was set.
 */
export class ClockKeeper {
  readonly #setTime: (milliseconds: number) => void;
  readonly #clocks: HostClocks;
  /** When the machine's clock was set last, by both clocks. */
  #setAt = { wall: 0, steady: 0 };
  #lookedAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `setTime` sets the machine's clock, in milliseconds since 1970. */
  constructor(setTime: (milliseconds: number) => void, clocks: HostClocks = hostClocks) {
    this.#setTime = setTime;
    this.#clocks = clocks;
  }

  start(): void {
    this.stop();
    this.#set();
    this.#timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Sets the machine's clock if there was a gap since the last look. */
  look(): void {
    const steady = this.#clocks.steady();
    const wasAway = steady - this.#lookedAt > LONGEST_LOOK_MILLISECONDS;
    this.#lookedAt = steady;
    // Counted from the last setting, so that small differences add up.
    const apart = this.#clocks.wall() - this.#setAt.wall - (steady - this.#setAt.steady);
    if (wasAway || Math.abs(apart) > LARGEST_JUMP_MILLISECONDS) this.#set();
  }

  #set(): void {
    this.#setAt = { wall: this.#clocks.wall(), steady: this.#clocks.steady() };
    this.#lookedAt = this.#setAt.steady;
    this.#setTime(this.#setAt.wall);
  }
}
