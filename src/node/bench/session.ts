import { addSample, type Sample, type Samples } from './samples.ts';

/** CPU time and memory of the process that a host runs in. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** A running guest at whose first terminal the bench types. */
export interface BenchHost {
  /** Does pip find the page's package index there? */
  readonly hasPackages: boolean;
  /**
   * Types a command, presses Enter, and waits until the command has ended; the clock runs from Enter on. Rejects when it fails, or has not ended
   * after `milliseconds`.
   */
  run(command: string, milliseconds: number): Promise<Sample>;
  usage(): Promise<ProcessUsage>;
}

/** The tutorial's workspace: the page's first visit has these files, the other hosts are given them. */
export const workspaceFiles: Readonly<Record<string, string>> = {
  'hello-world.py': 'print("Hello world")\n',
  Dockerfile: 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello-world.py .\nCMD ["python3", "hello-world.py"]\n',
};

interface Command {
  /** Start of its keys. */
  readonly name: string;
  readonly text: string;
  /** Done so often before it is measured warm. */
  readonly warmUps: number;
}

const PS: Command = { name: 'ps', text: 'docker ps', warmUps: 2 };
const RUN: Command = { name: 'run', text: 'docker run --rm busybox echo hi', warmUps: 3 };
const BUILD = 'docker build -t student/hello-world:v1 .';
const BUILD_CACHED: Command = { name: 'build', text: BUILD, warmUps: 1 };
const BUILD_ANEW: Command = { name: 'build', text: 'docker build --no-cache -t student/hello-world:v1 .', warmUps: 1 };
const HELLO: Command = { name: 'hello', text: 'docker run --rm student/hello-world:v1', warmUps: 1 };
/** What the lesson about a website builds, in a form that needs no file. */
const BUILD_FLASK = String.raw`printf 'FROM python:3.13-slim\nRUN pip install -q flask\n' | docker build -t flask-site -`;
const EXEC: Command = { name: 'exec', text: 'docker exec idle true', warmUps: 2 };

/** Far above what a slow machine needs. */
const COMMAND_MILLISECONDS = 240_000;
/** Between two commands: learners read what they got, and the engine ends what it does in the background. */
const PAUSE_MILLISECONDS = 1000;
const SETTLE_MILLISECONDS = 20_000;
const IDLE_MILLISECONDS = 20_000;

export function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

/** Measures at one host, into `samples`; a line is printed for each figure, with `prefix` before its name as before its key. */
export class BenchSession {
  constructor(
    private readonly host: BenchHost,
    private readonly samples: Samples,
    private readonly prefix = '',
  ) {}

  /** What comes first after the prompt: each command is done once, in a learner's order. */
  async first(): Promise<void> {
    await this.#measure('ps_first', PS.text);
    await this.#measure('run_first', RUN.text);
    await this.#measure('build_cold', BUILD);
    await this.#measure('hello_first', HELLO.text);
    if (this.host.hasPackages) await this.#measure('flask_build', BUILD_FLASK);
  }

  /** Each command several times, after a few that do not count. */
  async warm(runs: number): Promise<void> {
    await this.#repeat(PS, 'warm', runs);
    await this.#repeat(RUN, 'warm', runs);
    await this.#repeat(BUILD_CACHED, 'cached', runs);
    await this.#repeat(BUILD_ANEW, 'warm', runs);
    await this.#repeat(HELLO, 'warm', runs);
    await this.#type('docker run -d --name idle busybox sleep 100000');
    await this.#repeat(EXEC, 'warm', runs);
    await this.#type('docker rm -f idle');
  }

  /** The process while nobody does anything, and its memory then. */
  async idle(): Promise<void> {
    await sleep(SETTLE_MILLISECONDS);
    const [before, start] = [await this.host.usage(), performance.now()];
    await sleep(IDLE_MILLISECONDS);
    const after = await this.host.usage();
    const fraction = (after.cpuSeconds - before.cpuSeconds) / ((performance.now() - start) / 1000);
    this.note('idle_cpu', { fraction });
    this.note('memory', { bytes: after.memoryBytes });
  }

  async #repeat({ name, text, warmUps }: Command, kind: string, runs: number): Promise<void> {
    for (let count = 0; count < warmUps; count++) await this.#type(text);
    for (let count = 0; count < runs; count++) await this.#measure(`${name}_${kind}`, text);
  }

  async #measure(name: string, command: string): Promise<void> {
    this.note(name, await this.#type(command));
  }

  async #type(command: string): Promise<Sample> {
    await sleep(PAUSE_MILLISECONDS);
    return this.host.run(command, COMMAND_MILLISECONDS);
  }

  /** Takes down a figure. */
  note(name: string, sample: Sample): void {
    addSample(this.samples, this.prefix + name, sample);
    const values = Object.entries(sample).map(([unit, value]) => `${unit} ${Number(value.toPrecision(4)).toLocaleString('en')}`);
    console.log(`  ${(this.prefix + name).padEnd(24)} ${values.join(', ')}`);
  }
}
