import { SandboxError } from '../core/base/errors.ts';
import { Emitter, type Event } from '../core/base/events.ts';
import { browserPolicy } from '../core/machine/compile-governor.ts';
import type { Sandbox } from '../core/protocol/sandbox.ts';
import { createSandbox } from '../core/sandbox/create-sandbox.ts';
import { siteHost } from './site-host.ts';

/** How the page wants its sandbox. */
export interface StartOptions {
  /** Where the site is: the machine's files are in `machine/` below it. */
  readonly baseUrl: string;
  /** Boot from the start instead of restoring the saved state. */
  readonly coldBoot?: boolean;
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
  return createSandbox(siteHost(options.baseUrl), {
    compilePolicy: browserPolicy,
    coldBoot: options.coldBoot ?? false,
    onUncaught: uncaughtErrors(),
    warmUp: true,
  });
}
