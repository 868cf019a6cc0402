import { SandboxError } from '../core/base/errors.ts';
import { Emitter, type Event } from '../core/base/events.ts';
import { browserPolicy } from '../core/machine/compile-governor.ts';
import type { Sandbox, StartFrom } from '../core/protocol/sandbox.ts';
import { createSandbox } from '../core/sandbox/create-sandbox.ts';
import { createWeb } from '../core/upstream/web.ts';
import { keepBlobs } from './blob-keeper.ts';
import { opfsSnapshotFolder } from './opfs-snapshot-folder.ts';
import { KeptUpstream } from './kept-upstream.ts';
import { siteHost } from './site-host.ts';

/** How the page wants its sandbox. */
export interface StartOptions {
  /** Where the site is: the machine's files are in `machine/` below it. */
  readonly baseUrl: string;
  readonly startFrom?: StartFrom;
  /** Under which name the machine is kept in this browser; without it, nothing is kept. */
  readonly saveUnder?: string;
}

/** What goes wrong in this worker without anybody catching it. */
export function uncaughtErrors(): Event<unknown> {
  const uncaught = new Emitter<unknown>();
  addEventListener('unhandledrejection', event => uncaught.emit(event.reason));
  addEventListener('error', event => uncaught.emit(event.error ?? event.message));
  return uncaught.event;
}

/** Starts the machine in this worker. */
export function startSandbox(options: StartOptions): Sandbox {
  if (typeof WebAssembly === 'undefined') {
    throw new SandboxError(
      'no-webassembly',
      'This browser has WebAssembly switched off, and Drydock needs it. Switch it on, or use another browser.',
    );
  }
  const { saveUnder } = options;
  return createSandbox(siteHost(options.baseUrl, keepBlobs(options.baseUrl)), {
    compilePolicy: browserPolicy,
    startFrom: options.startFrom ?? 'saved',
    ...(saveUnder !== undefined && { snapshotFolder: () => opfsSnapshotFolder(saveUnder) }),
    onUncaught: uncaughtErrors(),
    warmUp: true,
    wayOut: { web: createWeb((address, options) => fetch(address, options)), kept: new KeptUpstream(new URL('.', options.baseUrl).href) },
  });
}
