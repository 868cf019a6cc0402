import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import type { ArtifactHost } from '../../core/sandbox/artifact-host.ts';
import { createSandbox, type LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { runStep, type BuiltStep } from './step.ts';

/**
 * What a learner does in the first lessons. The saved machine has the programs of the first commands in its memory, but not all that they look up
 * on the disk; what is written also makes the engine's file system read.
 */
const FIRST_LESSONS = [
  'docker version; docker info; docker ps; docker images; docker --help',
  String.raw`mkdir /tmp/first && cd /tmp/first && printf 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello-world.py .\nCMD ["python3", "hello-world.py"]\n' > Dockerfile && echo 'print("Hello world")' > hello-world.py && docker build -t student/hello-world:v1 .`,
  'docker images; docker history student/hello-world:v1; docker inspect student/hello-world:v1',
  'docker run student/hello-world:v1; docker ps -a; docker run --rm hello-world; docker run --rm busybox echo hello',
  'docker run --rm student/hello-world:v1 bash -c "ps; ls -la; cat hello-world.py; uname -a; cat /etc/os-release; python3 --version"',
  'docker run --name first -d busybox sleep 100; docker exec first ps; docker logs first; docker stop -t 0 first; docker start first; docker rm -f first',
  'cd /tmp/first && docker build --no-cache -t student/hello-world:v2 . && docker tag student/hello-world:v2 student/again && docker rmi student/again student/hello-world:v2',
  'docker volume create first; docker run --rm -v first:/data busybox sh -c "echo kept > /data/file"; docker volume rm first; docker network create first; docker network rm first',
  'docker run -d --name web -p 8080:8000 student/hello-world:v1 python3 -m http.server 8000; for n in 1 2 3 4 5 6 7 8 9 10; do wget -qO- localhost:8080 && break; sleep 2; done; docker logs web; docker rm -f web',
  'uname -a; ps; df; free; ls -la / /usr/bin /etc > /dev/null; cat /etc/os-release; hostname; date; id; env; which vi nano less; echo x | sed s/x/y/ | grep y | awk 1 | sort | head -1',
  'docker container prune -f; docker image prune -f',
];

/** A program that starts slowly is waited for, but not for ever. */
const COMMAND_MILLISECONDS = 300_000;
/** The machine warms up by itself; some programs of the guest wake up later. */
const QUIET_MILLISECONDS = 20_000;

/** The file of this step: the SHA-256 of blobs, as JSON. */
export const FIRST_READS = 'first-reads.json';

/**
 * Records which pieces of the disk the saved machine reads when it starts and does the first lessons: a visitor's browser fetches them at leisure, so that
 * his next visit needs no network for that.
 */
export function buildFirstReads(host: ArtifactHost, snapshotKey: string): Promise<BuiltStep> {
  return runStep({
    name: 'first-reads',
    files: [import.meta.filename],
    values: [snapshotKey],
    async build(folder, report) {
      const read = new Set<string>();
      const watched: ArtifactHost = {
        ...host,
        readBlob(sha256, fresh) {
          read.add(sha256);
          return host.readBlob(sha256, fresh);
        },
      };
      const sandbox = createSandbox(watched, { compilePolicy: eagerPolicy, warmUp: true });
      try {
        await doFirstLessons(sandbox, report);
      } finally {
        await sandbox.dispose();
      }
      report(`${read.size} pieces`);
      await writeFile(join(folder, FIRST_READS), JSON.stringify([...read].sort()));
    },
  });
}

async function doFirstLessons(sandbox: LocalSandbox, report: (message: string) => void): Promise<void> {
  await sandbox.ready;
  await new Promise(resolve => setTimeout(resolve, QUIET_MILLISECONDS));
  for (const command of FIRST_LESSONS) {
    report(command.split(/[;&]/)[0]!);
    await sandbox.run(command, { timeoutMilliseconds: COMMAND_MILLISECONDS });
  }
}
