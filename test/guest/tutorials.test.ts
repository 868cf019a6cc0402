/** A tenth of the transcripts of tutorials, at least one of each kind, one after the other in one machine that is cleaned in between. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { readTranscripts } from '../../src/node/tutorials/read-transcripts.ts';
import { replay, type Failure } from '../../src/node/tutorials/replay.ts';
import { KINDS, type Step, type Transcript } from '../../src/node/tutorials/transcript.ts';
import { TutorialDesk } from '../../src/node/tutorials/tutorial-desk.ts';
import { startGuestSandbox } from '../support/guest.ts';

/** A transcript with a build or a database takes minutes on a slow machine. */
const TRANSCRIPT_MILLISECONDS = 1_800_000;
const PATIENCE = { patience: 3 };

const chosen = (await readTranscripts()).filter(({ ci }) => ci === true);

let sandbox: LocalSandbox;
let desk: TutorialDesk;
const start = async () => {
  sandbox = await startGuestSandbox();
  desk = await TutorialDesk.open(sandbox);
};
beforeAll(start);
afterAll(() => sandbox?.dispose());

/** Replays, cleans, and takes another machine where this one is not as it was. */
async function replayed(transcript: Transcript): Promise<Failure | undefined> {
  const failure = await replay(transcript, desk, PATIENCE);
  if (failure !== undefined || !(await desk.clean(transcript))) {
    await sandbox.dispose();
    await start();
  }
  return failure;
}

test('each kind has a transcript here', () => {
  expect([...new Set(chosen.map(({ kind }) => kind))].sort()).toEqual([...KINDS].sort());
});

describe('a transcript', () => {
  const what = (...steps: Step[]) => replayed({ name: 'wrong', kind: 'run', idea: 'Something that is not so.', files: { a: 'one\n' }, steps });

  test('fails where the guest does not do what it says', async () => {
    expect(await what({ run: 'false' })).toMatchObject({ step: 1, why: expect.stringMatching(/^it should end with exit code 0, and ended with 1/) });
    expect(await what({ run: 'cat a', shows: ['one'] }, { run: 'echo "t""wo"', shows: ['"t""wo"'] })).toMatchObject({
      step: 2,
      why: 'it should show "\\"t\\"\\"wo\\"", and shows:\ntwo',
    });
    expect(await what({ run: 'echo yes', hides: ['/y.s/'] })).toMatchObject({ why: expect.stringMatching(/^it should not show \/y\.s\//) });
    expect(await what({ http: '8080/', within: 1 })).toMatchObject({ why: expect.stringMatching(/^not within 3 s: no answer: /) });
    expect(await what({ run: 'sleep 600', within: 1 })).toMatchObject({
      why: expect.stringMatching(/^the shell's prompt did not come back within 3 s/),
    });
  });

  test('finds a machine that is clean, whatever the one before did', async () => {
    expect(
      await what(
        { run: 'export LEFT=over; docker tag busybox left:over; docker run -d --name left -v left:/l busybox sleep 600; cd /tmp', exit: 0 },
        { run: 'docker network create left', shows: ['/[0-9a-f]{64}/'] },
      ),
    ).toBeUndefined();
    expect(
      await what(
        { run: 'echo "${LEFT-no} $(ls)"', shows: ['no a'] },
        { run: 'docker ps -aq; docker volume ls -q; docker images -q left; docker network ls -q -f name=left', hides: ['/\\S/'] },
      ),
    ).toBeUndefined();
  });
});

test.each(chosen.map(transcript => [`${transcript.kind}: ${transcript.name}`, transcript] as const))(
  '%s',
  async (_, transcript) => expect(await replayed(transcript)).toBeUndefined(),
  TRANSCRIPT_MILLISECONDS,
);
