import type { LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { createDockerClient } from '../../core/docker/docker-client.ts';
import type { CheckProbe } from '../../core/lesson/check/check-probe.ts';
import type { LabMoment } from '../../core/lesson/check/check-schema.ts';
import { fileChangesOf } from '../../core/lesson/format/lesson-files.ts';
import type { Lesson } from '../../core/lesson/lesson.ts';
import { createProbe } from '../../core/lesson/check/sandbox-probe.ts';
import { ENGINE_SOCKET } from '../../core/protocol/sandbox.ts';
import type { WorkspacePath } from '../../core/workspace/path.ts';
import type { LabDriver } from './lab-driver.ts';
import { ShellTerminal } from './shell-terminal.ts';

/** A sandbox at which somebody does a lesson: its terminal, its workspace, and what happened in the step so far. */
export class LessonDesk {
  readonly probe: CheckProbe;
  readonly #moments = new Set<LabMoment>();
  readonly #stopListening: () => void;

  private constructor(
    readonly sandbox: LocalSandbox,
    readonly terminal: ShellTerminal,
    readonly lab: LabDriver | undefined,
  ) {
    this.#stopListening = lab?.onMoment(moment => this.#moments.add(moment)) ?? (() => undefined);
    const looked = {
      run: (command: string) => sandbox.run(command),
      readFile: (path: WorkspacePath) => this.#readFile(path),
      dial: (target: string) => sandbox.dial(target),
      docker: createDockerClient(() => sandbox.dial(ENGINE_SOCKET)),
    };
    this.probe = createProbe(looked, {
      get typed() {
        return terminal.typed;
      },
      labMoments: this.#moments,
    });
  }

  static async open(sandbox: LocalSandbox, lab?: LabDriver): Promise<LessonDesk> {
    return new LessonDesk(sandbox, await ShellTerminal.open(sandbox), lab);
  }

  /** Makes the workspace what the lesson begins with, and runs its set-up; gives what failed of that. */
  async begin(lesson: Lesson): Promise<readonly string[]> {
    await this.sandbox.run('rm -rf /workspace/* /workspace/.[!.]*');
    await this.sandbox.applyFiles(fileChangesOf(lesson.files));
    return this.#runAll(lesson.frontMatter.setup ?? []);
  }

  /** Runs the lesson's cleaning up; gives what failed, which may be as it should. */
  end(lesson: Lesson): Promise<readonly string[]> {
    return this.#runAll(lesson.frontMatter.cleanup ?? []);
  }

  /** Nothing of what happened before counts for the next step. */
  beginStep(): void {
    this.terminal.forget();
    this.#moments.clear();
  }

  async write(files: ReadonlyMap<WorkspacePath, Uint8Array>): Promise<void> {
    await this.sandbox.applyFiles(fileChangesOf(files));
  }

  close(): void {
    this.#stopListening();
    this.terminal.close();
  }

  async #runAll(commands: readonly string[]): Promise<readonly string[]> {
    const failures: string[] = [];
    for (const command of commands) {
      const { exitCode, stdout, stderr } = await this.sandbox.run(command);
      if (exitCode !== 0) failures.push(`\`${command}\` ended with exit code ${exitCode}: ${(stderr || stdout).trim()}`);
    }
    return failures;
  }

  async #readFile(path: WorkspacePath): Promise<Uint8Array | undefined> {
    const quoted = `'/workspace/${path.replaceAll("'", "'\\''")}'`;
    const { exitCode, stdout } = await this.sandbox.run(`test -f ${quoted} && base64 ${quoted}`);
    return exitCode === 0 ? new Uint8Array(Buffer.from(stdout, 'base64')) : undefined;
  }
}
