import { SandboxError } from '../core/base/errors.ts';
import { Emitter, type Event } from '../core/base/events.ts';
import { browserPolicy } from '../core/machine/compile-governor.ts';
import type { Sandbox } from '../core/protocol/sandbox.ts';
import type { ArtifactHost } from '../core/sandbox/artifact-host.ts';
import { createSandbox } from '../core/sandbox/create-sandbox.ts';

/** How the page wants its sandbox. */
export interface StartOptions {
  /** Where the site is: the machine's files are in `machine/` below it. */
  readonly baseUrl: string;
  /** Boot from the start instead of restoring the saved state. */
  readonly coldBoot?: boolean;
}

async function read(url: string, cache: RequestCache): Promise<ArrayBuffer> {
  const answer = await fetch(url, { cache });
  if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`.trimEnd());
  return answer.arrayBuffer();
}

/** The site as the sandbox's source of bytes. Blobs are named after their content, so a cached one is as good as a new one. */
function siteHost(baseUrl: string): ArtifactHost {
  const machine = new URL('machine/', baseUrl);
  return {
    async readFile(name, onBytes) {
      const bytes = await read(new URL(name, machine).href, 'no-cache');
      onBytes(bytes.byteLength);
      return bytes;
    },
    readBlob: async (sha256, fresh) => new Uint8Array(await read(new URL(`blobs/${sha256}.zst`, machine).href, fresh ? 'reload' : 'force-cache')),
  };
}

/** What goes wrong in this worker without anybody catching it. */
function uncaughtErrors(): Event<unknown> {
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
  });
}
