import { wrap, type Endpoint, type Remote } from 'comlink';
import type { LanguageSupport } from './language-support.ts';

/** What the client needs of a worker; a test gives it a message port. */
export interface WorkerLike extends Endpoint {
  terminate(): void;
}

/** Asks the worker; every answer may be missing, since a worker may die. */
export interface WorkerClient {
  ask<Answer>(question: (support: Remote<LanguageSupport>) => Promise<Answer>): Promise<Answer | undefined>;
  dispose(): void;
}

/** How the client starts workers and where it complains. */
export interface WorkerClientOptions {
  startWorker(): WorkerLike;
  reportError(message: string, cause: unknown): void;
  /** Beyond this the worker counts as dead; generous, since an emulator shares the processor. */
  timeoutMilliseconds?: number;
}

interface Connection {
  readonly worker: WorkerLike;
  readonly support: Remote<LanguageSupport>;
  /** Settles when the worker dies; Comlink alone would leave calls pending for ever. */
  readonly death: Promise<{ readonly cause: unknown }>;
  end(cause: unknown): void;
}

const restartsAllowed = 1;

/** Guards a worker: a call during which it dies is asked again of a second one; after that answers are missing, nothing more. */
export function createWorkerClient({ startWorker, reportError, timeoutMilliseconds = 20_000 }: WorkerClientOptions): WorkerClient {
  let connection: Connection | undefined;
  let starts = 0;
  let isOver = false;

  const connect = (): Connection | undefined => {
    if (connection !== undefined || isOver) return connection;
    starts += 1;
    connection = openConnection(startWorker());
    const opened = connection;
    void opened.death.then(({ cause }) => {
      opened.worker.terminate();
      connection = undefined;
      if (starts <= restartsAllowed || isOver) return;
      isOver = true;
      reportError('The Dockerfile service stopped twice and stays off; the editor keeps working without its hints.', cause);
    });
    return connection;
  };

  const ask: WorkerClient['ask'] = async question => {
    for (let attempt = 0; attempt <= restartsAllowed; attempt += 1) {
      const current = connect();
      if (current === undefined) return undefined;
      const timer = setTimeout(() => current.end(new Error('no answer in time')), timeoutMilliseconds);
      try {
        const outcome = await Promise.race([question(current.support).then(answer => ({ answer })), current.death]);
        if ('answer' in outcome) return outcome.answer;
      } catch (cause) {
        // The worker lives but could not make sense of this text: no answer, and the developer hears of it.
        reportError('The Dockerfile service could not answer.', cause);
        return undefined;
      } finally {
        clearTimeout(timer);
      }
    }
    return undefined;
  };

  return {
    ask,
    dispose: () => {
      isOver = true;
      connection?.end(new Error('disposed'));
    },
  };
}

function openConnection(worker: WorkerLike): Connection {
  const { promise: death, resolve } = withResolvers<{ readonly cause: unknown }>();
  const end = (cause: unknown): void => resolve({ cause });
  worker.addEventListener('error', ((event: ErrorEvent) => end(event.error ?? event.message)) as unknown as EventListener);
  worker.addEventListener('messageerror', () => end(new Error('unreadable message')));
  return { worker, support: wrap<LanguageSupport>(worker), death, end };
}

function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
