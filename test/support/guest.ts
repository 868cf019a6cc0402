import { buildGuest } from '../../src/node/builder/build-guest.ts';
import { folderHost } from '../../src/node/machine/folder-host.ts';
import { eagerPolicy } from '../../src/core/machine/compile-governor.ts';
import type { ArtifactHost } from '../../src/core/sandbox/artifact-host.ts';
import { createSandbox, type LocalSandbox, type SandboxOptions } from '../../src/core/sandbox/create-sandbox.ts';

/** Starts the real guest under Node, from the build that `npm test` has made or found. `wrap` puts something between it and its files. */
export async function startGuestSandbox(
  options: Partial<SandboxOptions> = {},
  wrap: (host: ArtifactHost) => ArtifactHost = host => host,
): Promise<LocalSandbox> {
  const sandbox = createSandbox(wrap(folderHost(await buildGuest())), { compilePolicy: eagerPolicy, ...options });
  await sandbox.ready;
  return sandbox;
}

/** What a terminal has shown, as text without escape sequences; `type` sends keys as a learner would. */
export interface TypedTerminal {
  readonly text: () => string;
  type(keys: string): Promise<void>;
  /** Resolves when the terminal shows `pattern` after what was there when this was called; rejects with what it showed instead. */
  waitFor(pattern: RegExp, milliseconds?: number): Promise<void>;
}

const CONTROL_SEQUENCES = /\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\r/g;

export async function openTypedTerminal(sandbox: LocalSandbox, index = 0): Promise<TypedTerminal> {
  const session = await sandbox.openTerminal(index, { columns: 120, rows: 40 });
  const decoder = new TextDecoder();
  let shown = '';
  session.onOutput(bytes => {
    shown += decoder.decode(bytes, { stream: true });
    session.acknowledge(bytes.length);
  });
  const text = () => shown.replace(CONTROL_SEQUENCES, '');
  return {
    text,
    type: keys => session.write(new TextEncoder().encode(keys)),
    async waitFor(pattern, milliseconds = 300_000) {
      const start = text().length;
      const end = Date.now() + milliseconds;
      while (!pattern.test(text().slice(start))) {
        if (Date.now() > end) throw new Error(`the terminal never showed ${pattern}; it shows:\n${text().slice(start)}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
  };
}
