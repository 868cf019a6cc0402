import { THRESHOLD_EXPORT } from './jit-patch.ts';

/**
 * How eagerly the emulator compiles guest code. v86's own policy compiles whatever gets warm; in a browser on two cores
 * three quarters of the time then go into compiling WebAssembly. So compiling has a budget (design section 3).
 */
export interface CompilePolicy {
  /** Hotness (roughly: guest instructions run in a page) at which a page may be compiled. */
  readonly threshold: number;
  /** Generated WebAssembly that may be compiled, in bytes a second; Infinity for no limit. */
  readonly bytesPerSecond: number;
  /** What may be saved up, in bytes. */
  readonly burstBytes: number;
  /** How much translated code a saved machine is given, and how much of it a restored one uses, in bytes, the most worthwhile first. */
  readonly savedCodeBytes: number;
}

/**
 * V8 optimizes what it has just compiled, at about a megabyte of WebAssembly a second and core: on two cores more than this holds up the
 * first command instead of hastening it (docs/performance.md).
 */
const SAVED_CODE_BYTES = 4_000_000;

/** For learners' browsers. */
export const browserPolicy: CompilePolicy = { threshold: 1_000_000, bytesPerSecond: 400_000, burstBytes: 800_000, savedCodeBytes: SAVED_CODE_BYTES };

/** For builds and long tests under Node, where compiling pays off. */
export const eagerPolicy: CompilePolicy = { threshold: 1_000_000, bytesPerSecond: Infinity, burstBytes: Infinity, savedCodeBytes: SAVED_CODE_BYTES };

const NEVER = 0x7fffffff;
const REFILL_MILLISECONDS = 100;

/** Keeps a patched v86 within a CompilePolicy by moving its threshold: pages go on being counted while nothing compiles. */
export class CompileGovernor {
  modules = 0;
  bytes = 0;
  #budget: number;
  #isStopped = false;
  #threshold: { value: number } | undefined;
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  constructor(readonly policy: CompilePolicy) {
    this.#budget = policy.burstBytes;
    this.#timer = policy.bytesPerSecond === Infinity ? undefined : setInterval(() => this.#refill(), REFILL_MILLISECONDS);
  }

  /** Called once the emulator's module is there. */
  attach(exports: Record<string, unknown>): void {
    this.#threshold = exports[THRESHOLD_EXPORT] as { value: number };
    this.#apply();
  }

  /** Called for each module that the emulator hands over for compiling. */
  compiled(byteCount: number): void {
    this.modules++;
    this.bytes += byteCount;
    this.#budget -= byteCount;
    this.#apply();
  }

  /** Nothing is compiled before `go`. */
  stop(): void {
    this.#isStopped = true;
    this.#apply();
  }

  /** The opposite of `stop`. */
  go(): void {
    this.#isStopped = false;
    this.#apply();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #refill(): void {
    const { bytesPerSecond, burstBytes } = this.policy;
    this.#budget = Math.min(burstBytes, this.#budget + (bytesPerSecond * REFILL_MILLISECONDS) / 1000);
    this.#apply();
  }

  #apply(): void {
    if (this.#threshold) this.#threshold.value = this.#budget > 0 && !this.#isStopped ? this.policy.threshold : NEVER;
  }
}
