/** `npm run profile`: where the guest's instructions of a command go, by program, reason and kernel symbol. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import { createSandbox, type LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { parsePath } from '../../core/workspace/path.ts';
import { hookEmulator } from '../bench/profile/emulator-hook.ts';
import { KernelMap } from '../bench/profile/kernel-map.ts';
import { Sampler, type ProfileSample } from '../bench/profile/sampler.ts';
import { profileTables } from '../bench/profile/tables.ts';
import { workspaceFiles } from '../bench/session.ts';
import { buildGuest } from '../builder/build-guest.ts';
import { folderHost } from '../machine/folder-host.ts';

const usage = `npm run profile -- [options] 'COMMAND'
  --runs N         measured repetitions (5)
  --warm-ups N     repetitions before them that do not count (2)
  --before CMD     done once before everything, in the guest
  --rows N         lines of each table (25)
  --json FILE      every sample, for other programs`;

const COMMAND_MILLISECONDS = 240_000;
const PAUSE_MILLISECONDS = 1000;

interface Profile {
  readonly samples: readonly ProfileSample[];
  readonly counts: readonly number[];
  readonly forks: number;
}

async function run(sandbox: LocalSandbox, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await sandbox.run(command, { timeoutMilliseconds: COMMAND_MILLISECONDS });
  if (exitCode !== 0) throw new Error(`"${command}" failed in the guest (exit code ${exitCode}):\n${stdout}${stderr}`);
  return stdout;
}

/** Processes and threads that the guest has started since its boot. */
async function forksOf(sandbox: LocalSandbox): Promise<number> {
  return Number(/^processes (\d+)/m.exec(await run(sandbox, 'cat /proc/stat'))![1]);
}

async function measure(sandbox: LocalSandbox, sampler: Sampler, command: string, runs: number): Promise<Profile> {
  const samples: ProfileSample[] = [];
  const counts: number[] = [];
  const forks = await forksOf(sandbox);
  for (let index = 0; index < runs; index++) {
    const before = sandbox.counters().instructions;
    sampler.start();
    await run(sandbox, command);
    // One by one: a long command gives more samples than a call takes arguments.
    for (const sample of sampler.stop()) samples.push(sample);
    counts.push(sandbox.counters().instructions - before);
    // The engine ends what it does in the background; learners read what they got.
    await new Promise(resolve => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
  return { samples, counts, forks: (await forksOf(sandbox)) - forks - 1 };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      'warm-ups': { type: 'string', default: '2' },
      before: { type: 'string', default: 'true' },
      rows: { type: 'string', default: '25' },
      json: { type: 'string' },
    },
  });
  if (positionals.length === 0) throw new Error(usage);
  const guest = await buildGuest();
  const map = await KernelMap.read(join(dirname(guest.kernel), 'System.map'));
  const sampler = new Sampler(map);
  hookEmulator(sampler.onSlice);
  const sandbox = createSandbox(folderHost(guest), { compilePolicy: eagerPolicy });
  await sandbox.ready;
  const encoder = new TextEncoder();
  await sandbox.applyFiles(
    Object.entries(workspaceFiles).map(([path, text]) => ({
      kind: 'written',
      path: parsePath(path),
      content: encoder.encode(text),
      executable: false,
    })),
  );
  await run(sandbox, values.before);
  for (const command of positionals) {
    for (let index = 0; index < Number(values['warm-ups']); index++) await run(sandbox, command);
    const { samples, counts, forks } = await measure(sandbox, sampler, command, Number(values.runs));
    console.log(`\n== ${command}`);
    console.log(
      `million instructions: ${counts.map(count => (count / 1e6).toFixed(1)).join(' ')}; ${(forks / counts.length).toFixed(1)} forks a run`,
    );
    console.log(profileTables(samples, counts.length, map, Number(values.rows)));
    if (values.json !== undefined) await writeFile(values.json, JSON.stringify(samples));
  }
  await sandbox.dispose();
}

await main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
