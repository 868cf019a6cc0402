/**
 * `npm run tutorials -- [options]`: replays short transcripts of what tutorials do in the real guest, and prints how many pass, by kind, and what
 * failed and why (docs/tutorials.md). With `--coverage` it tells instead which of the images that tutorials mention the hub answers.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../core/base/errors.ts';
import { checkHubCatalog } from '../../core/hub/hub-catalog.ts';
import { buildGuest } from '../builder/build-guest.ts';
import { coverageOf, coverageText, readMentions } from '../tutorials/coverage.ts';
import { readTranscripts } from '../tutorials/read-transcripts.ts';
import { runTutorials, startMachine, type Outcome } from '../tutorials/run-tutorials.ts';
import { chosen, type Choice } from '../tutorials/choose.ts';
import type { Transcript } from '../tutorials/transcript.ts';
import { outcomeLine, tutorialJson, tutorialReport } from '../tutorials/tutorial-report.ts';

const USAGE = `npm run tutorials                  replays every transcript of test/tutorials/transcripts
  -- NAME…                         only those whose name has one of these words in it
  -- --kind build --kind compose   only those of these kinds
  -- --ci                          only those that every run of the tests replays
  -- --shard 1/2                   the first half, to share the work among processes
  -- --list                        names them, and replays nothing
  -- --json FILE                   writes what came of each, also while it goes on
  -- --fresh                       each in a machine of its own, instead of one that is cleaned
  -- --no-keep-going               stops at the first that fails
  -- --patience 4                  every wait four times as long as written (default: 2)
  -- --coverage                    which images of tutorials the hub answers, by name and tag`;

const { values, positionals } = readArguments();

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        kind: { type: 'string', multiple: true, default: [] },
        ci: { type: 'boolean', default: false },
        shard: { type: 'string', default: '1/1' },
        list: { type: 'boolean', default: false },
        json: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        'keep-going': { type: 'boolean', default: true },
        patience: { type: 'string', default: '2' },
        coverage: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    process.exit(1);
  }
}

async function coverage(): Promise<number> {
  const guest = await buildGuest();
  const catalog = checkHubCatalog(JSON.parse(await readFile(join(guest.hub, 'hub.json'), 'utf8')));
  console.log(coverageText(coverageOf(await readMentions(), catalog)));
  return 0;
}

function list(transcripts: readonly Transcript[]): number {
  for (const { kind, name, idea, ci } of transcripts)
    console.log(`${kind}: ${name}${ci === true ? ' (in every run of the tests)' : ''}\n    ${idea}`);
  console.log(`${transcripts.length} transcripts`);
  return 0;
}

async function replayAll(transcripts: readonly Transcript[], patience: number): Promise<number> {
  const guest = await buildGuest();
  const told: Outcome[] = [];
  const options = { isFresh: values.fresh, keepsGoing: values['keep-going'], patience };
  const outcomes = await runTutorials(
    transcripts,
    () => startMachine(guest),
    options,
    async outcome => {
      told.push(outcome);
      console.log(outcomeLine(outcome));
      // Written while the run goes on: somebody who stops it has the results so far.
      if (values.json !== undefined) await writeFile(values.json, tutorialJson(told));
    },
  );
  console.log(`\n${tutorialReport(outcomes)}`);
  return outcomes.every(({ failure }) => failure === undefined) ? 0 : 1;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.coverage) return coverage();
  const patience = Number(values.patience);
  if (!(patience > 0)) throw new Error(`--patience takes a number above 0, not "${values.patience}".`);
  const choice: Choice = { words: positionals, kinds: values.kind, isCi: values.ci, shard: values.shard };
  const transcripts = chosen(await readTranscripts(), choice);
  return values.list ? list(transcripts) : replayAll(transcripts, patience);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  // v86 leaves timers behind that would keep the process alive.
  process.exit(await main());
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
