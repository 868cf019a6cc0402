import { SandboxError } from '../core/base/errors.ts';
import { serveConnection } from '../core/protocol/connection-port.ts';
import { outcomeOf } from '../core/protocol/error-codec.ts';
import { serveEvents } from '../core/protocol/event-port.ts';
import { tellProgress } from '../core/protocol/progress-port.ts';
import type { Sandbox } from '../core/protocol/sandbox.ts';
import { serveTerminal } from '../core/protocol/terminal-port.ts';
import type { StartRequest, WorkerApi } from '../core/protocol/worker-api.ts';

/** How the worker starts a machine; a parameter, so that a test can put its own sandbox behind the same boundary. */
export type StartSandbox = (options: Pick<StartRequest, 'baseUrl' | 'startFrom' | 'saveUnder'>) => Sandbox;

/** The functions the page may call, over one sandbox. A literal, so that nothing else of the sandbox can be reached. */
export function createWorkerApi(start: StartSandbox): WorkerApi {
  let sandbox: Sandbox | undefined;
  const started = (): Sandbox => {
    if (sandbox === undefined) throw new SandboxError('machine-stopped', 'The machine was not started.');
    return sandbox;
  };
  return {
    start: (request, events) =>
      outcomeOf(() => {
        sandbox = start(request);
        // `ready` is asked for later: until then its failure must not count as unhandled.
        sandbox.ready.catch(() => undefined);
        serveEvents(sandbox, events);
        holdLifeLock(request, events);
      }),
    ready: () => outcomeOf(() => started().ready),
    openTerminal: (index, size, port) => outcomeOf(async () => serveTerminal(await started().openTerminal(index, size), port)),
    run: (command, options) => outcomeOf(() => started().run(command, options)),
    applyFiles: changes => outcomeOf(() => started().applyFiles(changes)),
    replaceFiles: changes => outcomeOf(() => started().replaceFiles(changes)),
    save: name => outcomeOf(() => started().save(name)),
    saveChanges: () => outcomeOf(() => started().saveChanges()),
    snapshots: () => outcomeOf(() => started().snapshots()),
    removeSnapshot: id => outcomeOf(() => started().removeSnapshot(id)),
    exportSnapshot: (id, progress) => outcomeOf(() => started().exportSnapshot(id, tellProgress(progress))),
    importSnapshot: (file, name, progress) => outcomeOf(() => started().importSnapshot(file, name, tellProgress(progress))),
    dial: (target, port) => outcomeOf(async () => serveConnection(await started().dial(target), port)),
    servePreview: (call, port) => outcomeOf(() => started().servePreview(call, port)),
    hub: () => outcomeOf(() => started().hub()),
    giveNearestImages: isWanted => outcomeOf(() => started().giveNearestImages(isWanted)),
    chooseUpstreams: choice => outcomeOf(() => started().chooseUpstreams(choice)),
    keptBytes: () => outcomeOf(() => started().keptBytes()),
    forgetKept: () => outcomeOf(() => started().forgetKept()),
    retry: () => outcomeOf(() => started().retry()),
    dispose: () => outcomeOf(() => started().dispose()),
  };
}

/** Holds a lock for as long as this worker lives: the browser gives it to the waiting page when the worker dies. */
function holdLifeLock({ lifeLock }: StartRequest, events: MessagePort): void {
  // Absent outside secure contexts and refused in opaque origins: the page then has its pings alone.
  globalThis.navigator?.locks
    ?.request(lifeLock, () => {
      events.postMessage({ kind: 'life-lock-held' });
      return new Promise<never>(() => undefined);
    })
    .catch(() => undefined);
}
