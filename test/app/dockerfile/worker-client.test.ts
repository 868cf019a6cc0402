import { expose } from 'comlink';
import { afterEach, expect, test, vi } from 'vitest';
import type { Finding } from '../../../src/app/editor/dockerfile/finding.ts';
import { createWorkerClient, type WorkerClient, type WorkerLike } from '../../../src/app/editor/dockerfile/worker-client.ts';

type Behaviour = 'answers' | 'hangs' | 'throws';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Workers made of message ports, one for each behaviour in turn. */
function startClient(...behaviours: Behaviour[]): {
  client: WorkerClient;
  workers: WorkerLike[];
  reportError: ReturnType<typeof vi.fn>;
  terminated: number[];
} {
  const workers: WorkerLike[] = [];
  const terminated: number[] = [];
  const reportError = vi.fn();
  const startWorker = (): WorkerLike => {
    const index = workers.length;
    const { port1, port2 } = new MessageChannel();
    const check = (text: string): Finding[] | Promise<Finding[]> => {
      if (behaviours[index] === 'hangs') return new Promise(() => undefined);
      if (behaviours[index] === 'throws') throw new Error('odd text');
      return [
        {
          source: 'drydock',
          id: `worker-${index}`,
          severity: 'hint',
          message: text,
          range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
          fixes: [],
        },
      ];
    };
    expose({ check }, port2);
    cleanUps.push(() => port1.close());
    const worker = Object.assign(port1, { terminate: () => void terminated.push(index) });
    workers.push(worker);
    return worker;
  };
  const client = createWorkerClient({ startWorker, reportError, timeoutMilliseconds: 300 });
  return { client, workers, reportError, terminated };
}

async function ask(client: WorkerClient): Promise<string | undefined> {
  return (await client.ask(support => support.check('FROM a', { imageReferences: [], hubReferences: [] })))?.[0]?.id;
}

function kill(worker: WorkerLike | undefined): void {
  (worker as unknown as EventTarget).dispatchEvent(new Event('error'));
}

test('asks one worker for all, started at the first question', async () => {
  const { client, workers } = startClient('answers');
  expect(workers).toHaveLength(0);
  expect(await ask(client)).toBe('worker-0');
  expect(await ask(client)).toBe('worker-0');
  expect(workers).toHaveLength(1);
});

test('a question during which the worker dies is answered by the second one', async () => {
  const { client, workers, terminated, reportError } = startClient('hangs', 'answers');
  const answer = ask(client);
  kill(workers[0]);
  expect(await answer).toBe('worker-1');
  expect(terminated).toEqual([0]);
  expect(reportError).not.toHaveBeenCalled();
});

test('after a second death there are no answers, no third worker and one complaint', async () => {
  const { client, workers, reportError } = startClient('hangs', 'hangs', 'answers');
  const answer = ask(client);
  kill(workers[0]);
  await vi.waitUntil(() => workers.length === 2);
  kill(workers[1]);
  expect(await answer).toBeUndefined();
  expect(await ask(client)).toBeUndefined();
  expect(workers).toHaveLength(2);
  expect(reportError).toHaveBeenCalledOnce();
  expect(reportError.mock.calls[0]?.[0]).toContain('stopped twice');
});

test('a worker that does not answer in time counts as dead', async () => {
  const { client, terminated } = startClient('hangs', 'answers');
  expect(await ask(client)).toBe('worker-1');
  expect(terminated).toEqual([0]);
});

test('an error inside the worker costs one answer, not the worker', async () => {
  const { client, terminated, reportError } = startClient('throws');
  expect(await ask(client)).toBeUndefined();
  expect(reportError.mock.calls[0]?.[0]).toContain('could not answer');
  expect(terminated).toEqual([]);
});

test('dispose ends the worker without a complaint and starts no other', async () => {
  const { client, workers, terminated, reportError } = startClient('hangs', 'answers');
  const answer = ask(client);
  client.dispose();
  expect(await answer).toBeUndefined();
  expect(await ask(client)).toBeUndefined();
  expect([workers.length, terminated, reportError.mock.calls]).toEqual([1, [0], []]);
});
