/** The process that `measureInNode` starts: one sandbox in it, measured and reported to the parent. */
import { messageOf, withTimeout } from '../../core/base/errors.ts';
import { browserPolicy, eagerPolicy } from '../../core/machine/compile-governor.ts';
import { createSandbox, type LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { folderHost } from '../machine/folder-host.ts';
import type { NodeAnswer, NodeRequest } from './node-host.ts';
import { parsePath } from '../../core/workspace/path.ts';
import { usageOf } from './process-usage.ts';
import type { Sample, Samples } from './samples.ts';
import { BenchSession, workspaceFiles, type BenchHost } from './session.ts';
import { TypedShell } from './typed-shell.ts';

const READY_MILLISECONDS = 240_000;
const SIZE = { columns: 120, rows: 40 };

function countersOf(sandbox: LocalSandbox): Sample {
  const { instructions, compiledModules, compiledBytes } = sandbox.counters();
  return { instructions, compiled_modules: compiledModules, compiled_bytes: compiledBytes };
}

async function openShell(sandbox: LocalSandbox): Promise<TypedShell> {
  const files = Object.entries(workspaceFiles);
  const encoder = new TextEncoder();
  await sandbox.applyFiles(
    files.map(([path, text]) => ({ kind: 'written', path: parsePath(path), content: encoder.encode(text), executable: false })),
  );
  const terminal = await sandbox.openTerminal(0, SIZE);
  const shell = new TypedShell(
    {
      listen: listener =>
        terminal.onOutput(bytes => {
          terminal.acknowledge(bytes.length);
          listener(bytes);
        }),
      write: bytes => void terminal.write(bytes),
    },
    () => countersOf(sandbox),
  );
  await shell.prompt(READY_MILLISECONDS);
  return shell;
}

async function measure({ guest, policy, runs }: NodeRequest, samples: Samples): Promise<void> {
  const start = performance.now();
  const sandbox = createSandbox(folderHost(guest), { compilePolicy: policy === 'browser' ? browserPolicy : eagerPolicy });
  sandbox.onNotice(notice => console.log(`  node     the sandbox says: ${notice.message}`));
  const report = await withTimeout(sandbox.ready, READY_MILLISECONDS, 'The sandbox was not ready within four minutes.');
  const shell = await openShell(sandbox);
  const seconds = (performance.now() - start) / 1000;
  const host: BenchHost = { hasPackages: true, run: (command, milliseconds) => shell.run(command, milliseconds), usage: () => usageOf(process.pid) };
  const session = new BenchSession(host, samples, 'node_');
  session.note('open_to_prompt', { s: seconds });
  session.note('bytes_to', { prompt: report.loadedBytes });
  await session.first();
  if (runs === 0) return;
  await session.warm(runs);
  await session.idle();
}

process.once('message', (request: NodeRequest) => {
  const samples: Samples = {};
  const answer = (value: NodeAnswer): void => void process.send!(value, () => process.exit(0));
  measure(request, samples).then(
    () => answer({ samples }),
    (error: unknown) => answer({ samples, failure: messageOf(error) }),
  );
});
