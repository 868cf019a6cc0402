import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { learnerAt, written, type Learner } from './learner.ts';

const TAG = 'student/hello-world:v1';
const CONTAINER_PROMPT = /root@[0-9a-f]+:\/app# $/;

let sandbox: LocalSandbox;
let learner: Learner;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
  await sandbox.applyFiles([
    written('hello-world.py', 'print("Hello world")\n'),
    written('Dockerfile', 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello-world.py .\nCMD ["python3", "hello-world.py"]\n'),
  ]);
  learner = await learnerAt(sandbox);
});
afterAll(() => sandbox.dispose());

describe('the tutorial, typed', () => {
  it('builds the image, without a word about the builder', async () => {
    const shown = await learner.enter(`docker build -t ${TAG} .`);
    expect(shown).toMatch(/\[\+\] Building \d+\.\ds \((\d+)\/\1\) FINISHED +docker:default/);
    expect(shown).toMatch(/ => \[3\/3\] COPY hello-world\.py \. +\d+\.\ds/);
    expect(shown).toContain(` => => naming to docker.io/${TAG} `);
    expect(shown).not.toMatch(/DEPRECATED|buildx/);
  });

  it('lists it', async () => {
    expect(await learner.enter('docker images')).toMatch(/student\/hello-world +v1 /);
  });

  it('builds it again from the cache', async () => {
    const shown = await learner.enter(`docker build -t ${TAG} .`);
    expect(shown.slice(shown.lastIndexOf('[+] Building')).match(/=> CACHED \[[23]\/3\]/g)).toHaveLength(2);
  });

  it('runs it', async () => {
    expect(await learner.enter(`docker run ${TAG}`)).toContain('\nHello world\n');
  });

  it('looks inside', async () => {
    await learner.enter(`docker run -it ${TAG} bash`, CONTAINER_PROMPT);
    expect(await learner.enter('python3 hello-world.py', CONTAINER_PROMPT)).toContain('\nHello world\n');
    expect(await learner.enter('ps', CONTAINER_PROMPT)).toMatch(/\n +1 pts\/0 +\S+ bash\n/);
    await learner.enter('exit');
  });

  it('stops a container by the first four characters of its id', async () => {
    const id = /\n([0-9a-f]{64})\n/.exec(await learner.enter('docker run -d busybox sleep 600'))?.[1];
    expect(id).toBeDefined();
    expect(await learner.enter('docker ps')).toContain(`${id!.slice(0, 12)}   busybox   "sleep 600"`);
    expect(await learner.enter(`docker stop ${id!.slice(0, 4)}`)).toContain(`\n${id!.slice(0, 4)}\n`);
    expect(await learner.enter('docker ps')).not.toContain(id!.slice(0, 12));
  });

  it('gets the exit code of what a container ran', async () => {
    expect(await learner.enter(`docker run --rm busybox sh -c 'exit 7'; echo "code $?"`)).toContain('\ncode 7\n');
  });
});
