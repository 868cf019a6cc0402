import type { ContainerSummary } from '../../../core/docker/container-types.ts';
import type { CheckProbe } from '../../../core/lesson/check/check-probe.ts';
import type { WorkspacePath } from '../../../core/workspace/path.ts';
import type * as LessonCode from './lesson-code.ts';
import type { LessonWorld } from './lesson-world.ts';
import type { LogWatch } from './log-watch.ts';

/** What checks may ask, answered by the page's own machine, engine and files. */
export function createPageProbe(
  code: typeof LessonCode,
  world: LessonWorld,
  history: Pick<CheckProbe, 'typed' | 'labMoments'>,
  logs: LogWatch,
): CheckProbe {
  const { engine, machine, store } = world;
  const sandbox = {
    async run(command: string) {
      // It must see what the learner has typed up to now.
      await world.flush();
      return machine.run(command);
    },
    readFile(path: WorkspacePath) {
      const entry = store.entries.get(path);
      return Promise.resolve(entry?.kind === 'file' ? entry.content : undefined);
    },
    dial: (target: string) => machine.dial(target),
    onLogsRead({ id, state }: ContainerSummary) {
      if (state === 'running') logs.follow(id);
    },
    get docker() {
      return engine.client;
    },
  };
  return code.createProbe(sandbox, history);
}
