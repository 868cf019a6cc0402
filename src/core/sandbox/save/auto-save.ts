/** A machine is saved when nothing has happened for this long. */
const QUIET_MILLISECONDS = 2000;
/** The least time between two saves: each takes the machine some of its time. */
const LEAST_MILLISECONDS = 5000;
/** A machine that is never quiet is saved this long after the first thing that was not saved. */
const MOST_MILLISECONDS = 60_000;
/** If a machine cannot be saved now, the next attempt comes after this time. */
const LOOK_MILLISECONDS = 2000;
/** After a save that failed. */
const AGAIN_MILLISECONDS = 60_000;

/** Says when a machine is to be saved that nobody asks to save: soon after something has happened in it, when it has become quiet. */
export class AutoSave {
  #firstUnsaved: number | undefined;
  #lastUse = 0;
  #notBefore = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;
  #isLooking = false;
  #saving: Promise<void> | undefined;

  /**
   * `save` rejects where it failed; it tells the learner itself. `isBusy` says whether the machine works on something, seen from outside; `canSave`, whether
   * a save could succeed at once: until then it is not tried, unless somebody is in a hurry.
   */
  constructor(
    private readonly save: () => Promise<unknown>,
    private readonly isBusy: () => Promise<boolean> = () => Promise.resolve(false),
    private readonly canSave: () => boolean = () => true,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Something has happened that a saved machine should know of. Called often. */
  note(): void {
    this.#lastUse = this.now();
    this.#firstUnsaved ??= this.#lastUse;
    this.#plan();
  }

  /** True while something has happened that was not saved. */
  get isDue(): boolean {
    return this.#firstUnsaved !== undefined;
  }

  /** Saves now what has not been saved; resolves when that is over, well or not. */
  async hurry(): Promise<void> {
    if (this.#saving !== undefined) await this.#saving;
    if (this.isDue && !this.#isStopped) await this.#run();
  }

  /** Somebody else has saved the machine as it is now. */
  saved(): void {
    this.#firstUnsaved = undefined;
    this.#notBefore = this.now() + LEAST_MILLISECONDS;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#isLooking || this.#saving !== undefined || this.#isStopped || this.#firstUnsaved === undefined) return;
    const wanted = Math.min(this.#lastUse + QUIET_MILLISECONDS, this.#firstUnsaved + MOST_MILLISECONDS);
    const wait = Math.max(wanted, this.#notBefore) - this.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#decide();
      },
      Math.max(0, wait),
    );
  }

  /** Checks again if more has happened since. A machine that is working is not interrupted if that can be avoided. */
  async #decide(): Promise<void> {
    if (this.#isTime() && !this.#isOverdue) {
      this.#isLooking = true;
      if (await this.isBusy()) this.#lastUse = this.now();
      this.#isLooking = false;
    }
    if (this.#isStopped || this.#saving !== undefined || this.#firstUnsaved === undefined) return;
    if (!this.canSave()) this.#notBefore = Math.max(this.#notBefore, this.now() + LOOK_MILLISECONDS);
    if (this.#isTime()) void this.#run();
    else this.#plan();
  }

  get #isOverdue(): boolean {
    return this.#firstUnsaved !== undefined && this.now() >= this.#firstUnsaved + MOST_MILLISECONDS;
  }

  #isTime(): boolean {
    const now = this.now();
    const isQuiet = now >= this.#lastUse + QUIET_MILLISECONDS || this.#isOverdue;
    return isQuiet && now >= this.#notBefore;
  }

  #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const first = this.#firstUnsaved;
    this.#firstUnsaved = undefined;
    this.#saving = this.save().then(
      () => this.#over(LEAST_MILLISECONDS),
      () => {
        this.#firstUnsaved = first ?? this.#firstUnsaved;
        this.#over(AGAIN_MILLISECONDS);
      },
    );
    return this.#saving;
  }

  #over(pause: number): void {
    this.#notBefore = this.now() + pause;
    this.#saving = undefined;
    this.#plan();
  }
}
