import { SandboxError } from '../../base/errors.ts';
import { untilAnswer } from '../../base/until-answer.ts';
import type { ContainerSummary } from '../../docker/container-types.ts';
import type { DockerClient } from '../../docker/docker-client.ts';
import { LogTail } from '../../docker/log-tail.ts';
import type { CommandResult } from '../../control/guest-answers.ts';
import type { Connection } from '../../network/connection.ts';
import { requestHttp } from '../../network/http-client.ts';
import type { WorkspacePath } from '../../workspace/path.ts';
import type { CheckProbe } from './check-probe.ts';

/** What a probe needs of the sandbox it looks into. */
export interface ProbedSandbox {
  run(command: string): Promise<CommandResult>;
  /** Of the workspace. */
  readFile(path: WorkspacePath): Promise<Uint8Array | undefined>;
  /** Opens a connection to a port of the guest, `:8888`. */
  dial(target: string): Promise<Connection>;
  /** Asked for with each question: the page's machine may be another by then, or off, and then this throws. */
  readonly docker: DockerClient;
  /** Told of each container whose output a check has read: a running one may write more. */
  readonly onLogsRead?: (container: ContainerSummary) => void;
}

/** What happened in the step so far. */
export type StepHistory = Pick<CheckProbe, 'typed' | 'labMoments'>;

/** A server in a container that has just been started takes its time, seconds in this machine: it is given this long while its port is published. */
const START_MILLISECONDS = 20_000;
const PAUSE_MILLISECONDS = 500;
const ANSWER_MILLISECONDS = 20_000;
/** As much of a page as a check can want. */
const MAX_BODY_BYTES = 256 * 1024;
/** So much of what a container has written, counted from the end. */
const MAX_LOG_LINES = 2000;
const MAX_LOG_LENGTH = 256 * 1024;

/** A probe of a running sandbox: the same for the page and for `npm run lesson -- check`. */
export function createProbe(sandbox: ProbedSandbox, history: StepHistory): CheckProbe {
  return {
    run: command => sandbox.run(command),
    readFile: path => sandbox.readFile(path),
    images: async () => sandbox.docker.images(),
    imageDetails: async image => sandbox.docker.imageDetails(image),
    containers: async () => sandbox.docker.containers(true),
    containerDetails: async container => sandbox.docker.containerDetails(container),
    containerLogs: async container => {
      const logs = await readLogs(sandbox.docker, container.id);
      sandbox.onLogsRead?.(container);
      return logs;
    },
    networks: async () => sandbox.docker.networks(),
    volumes: async () => sandbox.docker.volumes(),
    http: (port, path) => askPort(sandbox, port, path),
    get typed() {
      return history.typed;
    },
    get labMoments() {
      return history.labMoments;
    },
  };
}

function askPort(sandbox: ProbedSandbox, port: number, path: string): ReturnType<CheckProbe['http']> {
  return untilAnswer(() => ask(sandbox, port, path), {
    milliseconds: START_MILLISECONDS,
    pauseMilliseconds: PAUSE_MILLISECONDS,
    isWorthWaiting: () => isPublished(sandbox.docker, port),
  });
}

async function ask(sandbox: ProbedSandbox, port: number, path: string): ReturnType<CheckProbe['http']> {
  try {
    // The body too: there are pages that never end.
    const body = new AbortController();
    const timer = setTimeout(() => body.abort(), 2 * ANSWER_MILLISECONDS);
    const options = { headTimeoutMilliseconds: ANSWER_MILLISECONDS, signal: body.signal };
    try {
      const response = await requestHttp(() => sandbox.dial(`:${port}`), { method: 'GET', path }, options);
      return { status: response.status, body: await readBody(response.body) };
    } finally {
      clearTimeout(timer);
    }
  } catch (error) {
    if (error instanceof SandboxError && ['guest-unreachable', 'timed-out', 'cancelled'].includes(error.code)) return undefined;
    throw error;
  }
}

/** The end of a container's output, from the start of a line; the output of its two streams is in the order in which it came. */
async function readLogs(docker: DockerClient, container: string): Promise<string> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MILLISECONDS);
  const tail = new LogTail(MAX_LOG_LENGTH);
  try {
    for await (const piece of docker.logs(container, { tail: MAX_LOG_LINES, follow: false, signal: late.signal })) tail.add(piece);
  } finally {
    clearTimeout(timer);
  }
  if (late.signal.aborted)
    throw new SandboxError('timed-out', `The engine did not give the output of the container within ${ANSWER_MILLISECONDS / 1000} seconds.`);
  return tail.spans.map(({ text }) => text).join('');
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let byteCount = 0;
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    byteCount += bytes.length;
    if (byteCount > MAX_BODY_BYTES) break;
  }
  return text;
}

async function isPublished(docker: DockerClient, port: number): Promise<boolean> {
  const running = await docker.containers(false);
  return running.some(container => container.ports.some(one => one.hostPort === port));
}
