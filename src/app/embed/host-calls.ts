import type { ReadonlySignal } from '@preact/signals';
import { SandboxError } from '../../core/base/errors.ts';
import type { EmbedFiles } from '../../core/embed/embed-messages.ts';
import type { EmbedTarget } from '../../core/embed/embed-server.ts';
import { parsePath, type WorkspacePath } from '../../core/workspace/path.ts';
import type { BootReport } from '../../core/protocol/sandbox.ts';
import type { StartFiles } from '../session/embedding.ts';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Lessons } from '../session/lesson/lessons.ts';
import type { Machine } from '../session/machine/machine.ts';
import type { WorkspaceStore } from '../session/workspace/workspace-store.ts';
import { checkStep, lessonOf } from './host-lesson.ts';
import { until } from './until.ts';

/** A machine may wait for a slow download, or for the learner to press Retry. */
const START_MILLISECONDS = 600_000;
const LOAD_MILLISECONDS = 60_000;

/** What of a page a host controls; a Session is one. */
export interface ControlledPage {
  readonly store: WorkspaceStore;
  readonly filesLoaded: ReadonlySignal<boolean>;
  readonly machine: Pick<Machine, 'run' | 'state'>;
  readonly lessons: Pick<Lessons, 'check' | 'state'>;
  /** Resolves when everything written is in the machine. */
  flush(): Promise<void>;
}

/** `begin` takes the files to begin with, and answers whether they came in time. */
export interface HostCallsOptions {
  readonly page: ControlledPage;
  begin(files: StartFiles | undefined): boolean;
}

/** What this page does for its host: only what learners could do themselves. */
export function createHostCalls({ page, begin }: HostCallsOptions): EmbedTarget {
  return {
    async open({ files }) {
      // A host without files of its own is content with what there is.
      if (begin(files === undefined ? undefined : startFilesOf(files)) || files === undefined) return undefined;
      throw new SandboxError('call-refused', 'The initial files came too late: the workspace was already open. Use writeFiles.');
    },
    async ready() {
      const { kind, elapsedMilliseconds } = await untilRunning(page.machine);
      const run = await untilLesson(page);
      // An embed never resumes a saved machine.
      return { kind: kind === 'cold' ? 'cold' : 'restored', elapsedMilliseconds, lesson: run && lessonOf(run) };
    },
    async run({ command, ...options }) {
      await untilRunning(page.machine);
      // The command is to see what the learner, or the host, has just written.
      await page.flush();
      return page.machine.run(command, options);
    },
    async readFile({ path }) {
      parsePath(path);
      await untilLoaded(page);
      const entry = page.store.entries.get(path);
      return entry?.kind === 'file' ? entry.content.slice() : undefined;
    },
    async writeFiles({ files }) {
      await untilLoaded(page);
      writeInto(page, files);
      await page.flush();
      return undefined;
    },
    async check() {
      await untilRunning(page.machine);
      const run = await untilLesson(page);
      if (run === undefined) throw new SandboxError('call-refused', 'There is no lesson in this sandbox: nothing can be checked.');
      const isReady = (): true | undefined => (run.setup.value.kind === 'running' ? undefined : true);
      await until(
        isReady,
        START_MILLISECONDS,
        'The machine was not ready for the lesson within 10 minutes: look in the frame to see what it is waiting for.',
      );
      return checkStep(page.lessons, run);
    },
  };
}

function startFilesOf(files: EmbedFiles): StartFiles {
  const start = new Map<WorkspacePath, Uint8Array>();
  for (const [path, content] of Object.entries(files)) if (content !== null) start.set(parsePath(path), bytesOf(content));
  return start;
}

function writeInto({ store }: ControlledPage, files: EmbedFiles): void {
  // All names first: a mistake in the last is not to leave half of them written.
  for (const path of Object.keys(files)) parsePath(path);
  for (const [path, content] of Object.entries(files)) {
    if (content === null) store.remove(path, 'page');
    else store.write(path, bytesOf(content), { origin: 'page' });
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** Resolves when learners can type; rejects with what the page tells them if they never will. */
function untilRunning(machine: ControlledPage['machine']): Promise<BootReport> {
  const report = (): BootReport | undefined => {
    const state = machine.state.value;
    if (state.kind === 'failed') throw new SandboxError(state.code, state.message);
    if (state.kind === 'stopped') throw new SandboxError('machine-stopped', state.message);
    return state.kind === 'running' ? state.report : undefined;
  };
  return until(report, START_MILLISECONDS, 'The machine did not start within 10 minutes: look in the frame to see what it is waiting for.');
}

/** Resolves with the lesson that is open, or undefined without one; rejects with the reason why one could not be opened. */
async function untilLesson(page: ControlledPage): Promise<LessonRun | undefined> {
  await untilLoaded(page);
  const found = (): { readonly run: LessonRun | undefined } | undefined => {
    const state = page.lessons.state.value;
    if (state.kind === 'failed') throw new SandboxError('lesson-invalid', state.message);
    return state.kind === 'loading' ? undefined : { run: state.kind === 'open' ? state.run : undefined };
  };
  return (await until(found, LOAD_MILLISECONDS, 'The lesson was not opened within a minute: look in the frame to see why.')).run;
}

async function untilLoaded({ filesLoaded }: Pick<ControlledPage, 'filesLoaded'>): Promise<void> {
  const message = 'The files of the sandbox were not loaded within a minute: reload the page.';
  await until(() => (filesLoaded.value ? true : undefined), LOAD_MILLISECONDS, message);
}
