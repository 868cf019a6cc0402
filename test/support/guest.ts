import { builtGuest } from './built-guest.ts';
import { lookUntil } from './patience.ts';
import { folderHost } from '../../src/node/machine/folder-host.ts';
import { terminalText } from '../../src/node/terminal-text.ts';
import { eagerPolicy } from '../../src/core/machine/compile-governor.ts';
import { BlobLoader } from '../../src/core/sandbox/load/blob-loader.ts';
import { ChunkSource } from '../../src/core/sandbox/load/chunk-source.ts';
import type { ArtifactHost } from '../../src/core/sandbox/load/artifact-host.ts';
import { createSandbox, type LocalSandbox, type SandboxOptions } from '../../src/core/sandbox/create-sandbox.ts';
import { createGuest, type Guest } from '../../src/core/sandbox/guest/guest.ts';
import { loadManifest, loadStateBody, loadStateHead } from '../../src/core/sandbox/load/machine-loader.ts';

/** Starts the real guest under Node, from the build that `npm test` has made or found. `wrap` puts something between it and its files. */
export async function startGuestSandbox(
  options: Partial<SandboxOptions> = {},
  wrap: (host: ArtifactHost) => ArtifactHost = host => host,
): Promise<LocalSandbox> {
  const sandbox = createSandbox(wrap(folderHost(await builtGuest())), { compilePolicy: eagerPolicy, ...options });
  await sandbox.ready;
  return sandbox;
}

/** Restores the guest without the sandbox around it: a test then has the agent's connections for itself. */
export async function startGuest(): Promise<Guest> {
  const host = folderHost(await builtGuest());
  const read = (name: Parameters<typeof host.readFile>[0]) => host.readFile(name, () => undefined);
  const loader = new BlobLoader(host);
  const manifest = await loadManifest(host);
  const { index, devices } = await loadStateHead(manifest.state, loader);
  const [wasm, bios, vgaBios] = await Promise.all([read('v86.wasm'), read('bios.bin'), read('vgabios.bin')]);
  const guest = await createGuest({
    wasm: new Uint8Array(wasm),
    bios,
    vgaBios,
    disk: new ChunkSource(manifest.disk, loader),
    compilePolicy: eagerPolicy,
    saved: { devices, layout: index.layout, ramStart: index.ramStart },
    ninePState: manifest.ninePState,
  });
  await loadStateBody(manifest.state, index, guest.machine, loader, () => undefined);
  guest.machine.run();
  await guest.agent.status();
  guest.agent.setTime(Date.now());
  return guest;
}

/** What a terminal has shown, as text without escape sequences; `type` sends keys as a learner would. */
export interface TypedTerminal {
  readonly text: () => string;
  type(keys: string): Promise<void>;
  /** Resolves when the terminal shows `pattern` after what was there when this was called; rejects with what it showed instead. */
  waitFor(pattern: RegExp, milliseconds?: number): Promise<void>;
  /** Sends keys and waits for `pattern` in what is shown from then on, which it gives. */
  typeUntil(keys: string, pattern: RegExp, milliseconds?: number): Promise<string>;
}

export async function openTypedTerminal(sandbox: LocalSandbox, index = 0): Promise<TypedTerminal> {
  const session = await sandbox.openTerminal(index, { columns: 120, rows: 40 });
  const decoder = new TextDecoder();
  let shown = '';
  session.onOutput(bytes => {
    shown += decoder.decode(bytes, { stream: true });
    session.acknowledge(bytes.length);
  });
  // Cut before anything is taken out: a sequence that is half here would make a text shorter when its other half comes.
  const since = (start: number) => terminalText(shown.slice(start));
  const type = (keys: string) => session.write(new TextEncoder().encode(keys));
  const until = (start: number, pattern: RegExp, milliseconds: number): Promise<string> => {
    let [length, text] = [-1, ''];
    const look = (): string | undefined => {
      if (shown.length === length) return undefined;
      length = shown.length;
      text = since(start);
      return pattern.test(text) ? text : undefined;
    };
    return lookUntil(look, milliseconds, () => `the terminal never showed ${pattern}; it shows:\n${text}`);
  };
  return {
    text: () => since(0),
    type,
    async waitFor(pattern, milliseconds = 300_000) {
      await until(shown.length, pattern, milliseconds);
    },
    async typeUntil(keys, pattern, milliseconds = 300_000) {
      const start = shown.length;
      await type(keys);
      return until(start, pattern, milliseconds);
    },
  };
}
