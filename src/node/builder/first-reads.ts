import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import type { ArtifactHost } from '../../core/sandbox/load/artifact-host.ts';
import { createSandbox, type LocalSandbox } from '../../core/sandbox/create-sandbox.ts';
import { checkManifest, expandChunks } from '../../core/sandbox/load/manifest.ts';
import type { Lesson } from '../../core/lesson/lesson.ts';
import { problemLine } from '../../core/lesson/format/problems.ts';
import { readLessonFolder } from '../lesson/lesson-folder.ts';
import { runLesson } from '../lesson/run-lesson.ts';
import { ShellTerminal } from '../lesson/shell-terminal.ts';
import { lessonsFolder } from '../lesson/site-lessons.ts';
import { accountsOf, BLOCK_BYTES, filesAt, smallFilesAt } from './disk-files.ts';
import { runStep, type BuiltStep } from './step.ts';

/**
 * The lessons that need nothing of the hub. The saved machine has the programs of the first commands in its memory, but not all that they look up
 * on the disk; what is written also makes the engine's file system read.
 */
const FIRST_LESSONS = ['01-why-containers', '02-first-image', '03-inside-a-container'];

/** What else a learner tries meanwhile. */
const FIRST_COMMANDS = [
  'docker version; docker info; docker ps; docker images; docker --help',
  String.raw`mkdir /tmp/first && cd /tmp/first && printf 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello-world.py .\nCMD ["python3", "hello-world.py"]\n' > Dockerfile && echo 'print("Hello world")' > hello-world.py && docker build -t student/hello-world:v1 .`,
  'docker images; docker history student/hello-world:v1; docker inspect student/hello-world:v1',
  'docker run student/hello-world:v1; docker ps -a; docker run --rm hello-world; docker run --rm busybox echo hello',
  'cd /tmp/first && docker build --no-cache -t student/hello-world:v2 . && docker tag student/hello-world:v2 student/again && docker rmi student/again student/hello-world:v2',
  'docker volume create first; docker run --rm -v first:/data busybox sh -c "echo kept > /data/file"; docker volume rm first; docker network create first; docker network rm first',
  'docker run -d --name web -p 8080:8000 student/hello-world:v1 python3 -m http.server 8000; for n in 1 2 3 4 5 6 7 8 9 10; do wget -qO- localhost:8080 && break; sleep 2; done; docker logs web; docker rm -f web',
  'docker pull nginx && docker run --rm nginx nginx -v; docker rmi nginx',
  'uname -a; ps; df; free; ls -la / /usr/bin /etc > /dev/null; cat /etc/os-release; hostname; date; id; env; which vi nano less; echo x | sed s/x/y/ | grep y | awk 1 | sort | head -1',
  'docker container prune -f; docker image prune -f',
];

/** A program that starts slowly is waited for, but not for ever. */
const COMMAND_MILLISECONDS = 300_000;
/** The machine warms up by itself; some programs of the guest wake up later. */
const QUIET_MILLISECONDS = 20_000;
/** Another learner types something else, and the same program then reads other parts of itself. Bigger files that are wanted whole have a name below. */
const WHOLE_FILE_BYTES = 8 * 1024 * 1024;
/**
 * What runs with each command, whole: which parts of it are in the saved machine's memory, and which the next command comes upon, differs from start to
 * start. With one part of the engine missing the whole machine waits.
 */
const PROGRAMS = [
  '/usr/sbin/dockerd',
  '/usr/bin/containerd',
  '/usr/bin/bash',
  '/usr/bin/busybox',
  '/usr/bin/crun',
  '/usr/bin/docker',
  '/usr/lib/drydock/build-client',
  '/usr/bin/containerd-shim-runc-v2',
  '/usr/lib/i386-linux-gnu/libc.so.6',
];
/** Where in a chunk it is looked which files it holds: every so many blocks. */
const LOOK_BLOCKS = 4;

/** The file of this step: the SHA-256 of blobs, as JSON. */
export const FIRST_READS = 'first-reads.json';

export interface FirstReadsInputs {
  readonly host: ArtifactHost;
  readonly snapshot: BuiltStep;
  /** The image that the machine's disk was made of. */
  readonly disk: string;
}

/**
 * Records which pieces of the disk the saved machine reads when it starts and does the first lessons, and adds the rest of the smaller files that they belong
 * to, and the engine whole: a visitor's browser fetches them at leisure, so that his next visit needs no network for that.
 */
export async function buildFirstReads({ host, snapshot, disk }: FirstReadsInputs): Promise<BuiltStep> {
  const lessons = await Promise.all(FIRST_LESSONS.map(readLesson));
  return runStep({
    name: 'first-reads',
    files: [import.meta.filename, join(import.meta.dirname, 'disk-files.ts')],
    values: [snapshot.key, JSON.stringify(lessons.map(({ steps }) => steps.map(({ solution }) => solution.lines)))],
    async build(folder, report) {
      const read = await record(host, lessons, report);
      const { disk: index } = checkManifest(JSON.parse(await readFile(join(snapshot.folder, 'machine.json'), 'utf8')));
      const chunks = expandChunks(index);
      const wanted = await withWholeFiles(chunks, read, disk, index.chunkBytes);
      report(`${read.size} pieces read; of the disk, with the rest of their files, ${wanted.size}`);
      await writeFile(join(folder, FIRST_READS), JSON.stringify([...wanted].sort()));
    },
  });
}

async function readLesson(id: string): Promise<Lesson> {
  const { lesson, problems } = await readLessonFolder(join(lessonsFolder, id));
  if (!lesson) throw new Error(problems.map(problemLine).join('\n'));
  return lesson;
}

/** The blobs that a machine reads in the first lessons. */
async function record(host: ArtifactHost, lessons: readonly Lesson[], report: (message: string) => void): Promise<ReadonlySet<string>> {
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
    await doFirstLessons(sandbox, lessons, report);
  } finally {
    await sandbox.dispose();
  }
  return read;
}

async function doFirstLessons(sandbox: LocalSandbox, lessons: readonly Lesson[], report: (message: string) => void): Promise<void> {
  await sandbox.ready;
  await new Promise(resolve => setTimeout(resolve, QUIET_MILLISECONDS));
  for (const lesson of lessons) {
    report(`the lesson "${lesson.frontMatter.title}"`);
    // A lesson that does not work is for the tests to tell: what it has read is read.
    const { problems } = await runLesson(lesson, sandbox);
    for (const problem of problems) report(problemLine(problem));
  }
  // Typed, as a learner does it: the shell then reads what it needs to be typed at.
  const terminal = await ShellTerminal.open(sandbox);
  for (const command of FIRST_COMMANDS) {
    report(command.split(/[;&]/)[0]!);
    await terminal.enter(command);
    await terminal.untilEnded(COMMAND_MILLISECONDS);
  }
}

async function withWholeFiles(chunks: readonly string[], read: ReadonlySet<string>, disk: string, chunkBytes: number): Promise<ReadonlySet<string>> {
  const perChunk = chunkBytes / BLOCK_BYTES;
  const looked = Array.from({ length: perChunk / LOOK_BLOCKS }, (_, index) => index * LOOK_BLOCKS);
  const blocks = chunks.flatMap((sha256, index) => (read.has(sha256) ? looked.map(offset => index * perChunk + offset) : []));
  const work = await mkdtemp(join(tmpdir(), 'drydock-first-reads-'));
  try {
    // Not what was pulled: that is the hub's, and has a part of its own.
    const wanted = new Set(chunks.filter(sha256 => read.has(sha256)));
    // In which group of the file system something new is put differs too.
    const ranges = [
      ...(await smallFilesAt(disk, blocks, WHOLE_FILE_BYTES, work)),
      ...(await filesAt(disk, PROGRAMS, work)),
      ...(await accountsOf(disk)),
    ];
    for (const { first, last } of ranges) {
      for (let index = Math.floor(first / perChunk); index <= Math.floor(last / perChunk); index++) wanted.add(chunks[index] ?? '');
    }
    wanted.delete('');
    return wanted;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
