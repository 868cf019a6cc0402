import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, learnerAt, succeed, written, type Learner } from './learner.ts';

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
    expect(shown).toContain('Step 4/4 : CMD ["python3", "hello-world.py"]');
    expect(shown).toContain(`Successfully tagged ${TAG}`);
    expect(shown).not.toMatch(/DEPRECATED|buildx/);
  });

  it('lists it', async () => {
    expect(await learner.enter('docker images')).toMatch(/student\/hello-world +v1 /);
  });

  it('builds it again from the cache', async () => {
    expect((await learner.enter(`docker build -t ${TAG} .`)).match(/Using cache/g)).toHaveLength(3);
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

/** Builds what is in a folder of the workspace; gives the build's output. */
async function build(folder: string, files: Record<string, string>, options = ''): Promise<string> {
  await sandbox.applyFiles(Object.entries(files).map(([name, text]) => written(`${folder}/${name}`, text)));
  return succeed(sandbox, `docker build -t test/${folder} ${options} ${folder} 2>&1`);
}

describe('what a Dockerfile can say', () => {
  it('RUN, ENV, ARG and LABEL', async () => {
    const dockerfile = 'FROM busybox\nARG NAME=nobody\nENV GREETING=hello\nLABEL part=test\nRUN echo "$GREETING $NAME" > /said\nCMD cat /said\n';
    await build('run', { Dockerfile: dockerfile }, '--build-arg NAME=ada');
    expect(await succeed(sandbox, 'docker run --rm test/run')).toBe('hello ada\n');
    expect(await succeed(sandbox, "docker inspect -f '{{.Config.Labels.part}}' test/run")).toBe('test\n');
  });

  it('several stages, and only the last is kept', async () => {
    await build('stages', {
      Dockerfile: 'FROM busybox AS maker\nRUN echo made > /made\nFROM busybox\nCOPY --from=maker /made /kept\nCMD ["cat", "/kept"]\n',
    });
    expect(await succeed(sandbox, 'docker run --rm test/stages')).toBe('made\n');
  });

  it('a .dockerignore', async () => {
    const files = {
      Dockerfile: 'FROM busybox\nCOPY . /all\nCMD ["ls", "-a", "/all"]\n',
      '.dockerignore': 'secret*\n',
      'secret.txt': 'x',
      'open file.txt': 'y',
    };
    await build('ignore', files);
    const listing = await succeed(sandbox, 'docker run --rm test/ignore');
    expect(listing).toContain('open file.txt');
    expect(listing).not.toContain('secret.txt');
  });

  it('USER and ENTRYPOINT with CMD', async () => {
    await build('user', { Dockerfile: 'FROM busybox\nUSER nobody\nENTRYPOINT ["echo", "as"]\nCMD ["default"]\n' });
    expect(await succeed(sandbox, 'docker run --rm test/user; docker run --rm test/user told; docker run --rm --entrypoint id test/user -un')).toBe(
      'as default\nas told\nnobody\n',
    );
  });

  it('HEALTHCHECK', async () => {
    await build('health', { Dockerfile: 'FROM busybox\nHEALTHCHECK --interval=1s --retries=2 CMD true\nCMD ["sleep", "600"]\n' });
    await succeed(sandbox, 'docker run -d --name healthy test/health');
    const health = () => succeed(sandbox, "docker inspect -f '{{.State.Health.Status}}' healthy");
    await eventually('the container becomes healthy', async () => ((await health()) === 'healthy\n' ? true : undefined));
    await succeed(sandbox, 'docker rm -f healthy');
  });
});

describe('the workspace', () => {
  it('is what a container sees that mounts it, both ways', async () => {
    const changes: string[] = [];
    sandbox.onFileChange(change => changes.push(`${change.kind} ${change.path}`));
    await sandbox.applyFiles([written('given.txt', 'from the page\n')]);
    const command = 'docker run --rm -v /workspace:/w busybox sh -c "cat /w/given.txt; echo back > /w/made.txt; mkdir /w/made"';
    expect(await succeed(sandbox, command)).toBe('from the page\n');
    await eventually('the page hears of both', () => (changes.includes('written made.txt') && changes.includes('folder made') ? true : undefined));
    await succeed(sandbox, 'rm made.txt && rmdir made');
    await eventually('and of their end', () => (changes.includes('removed made.txt') && changes.includes('removed made') ? true : undefined));
  });
});
