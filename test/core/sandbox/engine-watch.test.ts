import { afterEach, expect, test, vi } from 'vitest';
import type { EngineEvent, EngineNews } from '../../../src/core/docker/engine-types.ts';
import { EngineWatch } from '../../../src/core/sandbox/guest/engine-watch.ts';

const event = (action: string): EngineEvent => ({ type: 'container', action, id: 'c1', attributes: {}, timeMilliseconds: 1 });

/** An engine whose streams of events the test feeds and breaks. */
class ScriptedEngine {
  refusals = 0;
  asked = 0;
  readonly signals: AbortSignal[] = [];
  #push: (event: EngineEvent) => void = () => undefined;
  #end: (error?: Error) => void = () => undefined;

  readonly events = (signal: AbortSignal): Promise<AsyncIterable<EngineEvent>> => {
    this.asked++;
    this.signals.push(signal);
    if (this.refusals-- > 0) return Promise.reject(new Error('no engine'));
    const queue: EngineEvent[] = [];
    let wake: () => void = () => undefined;
    let end: { error?: Error } | undefined;
    this.#push = value => (queue.push(value), wake());
    this.#end = error => ((end = error === undefined ? {} : { error }), wake());
    signal.addEventListener('abort', () => this.#end());
    async function* stream() {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (end?.error !== undefined) throw end.error;
        else if (end !== undefined) return;
        else await new Promise<void>(resolve => (wake = resolve));
      }
    }
    return Promise.resolve(stream());
  };

  push(value: EngineEvent): void {
    this.#push(value);
  }

  end(error?: Error): void {
    this.#end(error);
  }
}

function watched(engine: ScriptedEngine, pauses?: readonly number[]): { watch: EngineWatch; told: string[] } {
  const watch = new EngineWatch(engine, pauses);
  const told: string[] = [];
  watch.onNews((news: EngineNews) => told.push(news.kind === 'event' ? news.event.action : news.kind));
  return { watch, told };
}

afterEach(() => vi.useRealTimers());

test('one stream for all listeners, told in order', async () => {
  const engine = new ScriptedEngine();
  const { watch, told } = watched(engine);
  const others: EngineNews[] = [];
  watch.onNews(news => others.push(news));
  await expect.poll(() => told).toEqual(['watching']);
  engine.push(event('create'));
  engine.push(event('start'));
  await expect.poll(() => told).toEqual(['watching', 'create', 'start']);
  expect(others).toHaveLength(3);
  expect(engine.asked).toBe(1);
  watch.stop();
});

test('a stream that ends or breaks is opened again, and says that something may have been missed', async () => {
  const engine = new ScriptedEngine();
  const { watch, told } = watched(engine, [1]);
  await expect.poll(() => told).toEqual(['watching']);
  engine.end();
  await expect.poll(() => told).toEqual(['watching', 'watching']);
  engine.end(new Error('cut'));
  await expect.poll(() => told).toEqual(['watching', 'watching', 'watching']);
  engine.push(event('die'));
  await expect.poll(() => told.at(-1)).toBe('die');
  watch.stop();
});

test('an engine that does not answer is asked at growing pauses, and again at short ones once it did', async () => {
  vi.useFakeTimers();
  const engine = new ScriptedEngine();
  engine.refusals = 3;
  const { watch, told } = watched(engine, [10, 100, 1000]);
  await vi.advanceTimersByTimeAsync(10);
  expect(engine.asked).toBe(2);
  await vi.advanceTimersByTimeAsync(99);
  expect(engine.asked).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(engine.asked).toBe(3);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(['watching']);
  engine.end();
  await vi.advanceTimersByTimeAsync(10);
  expect(told).toEqual(['watching', 'watching']);
  watch.stop();
});

test('after stop nothing is asked, whether it was reading or pausing', async () => {
  vi.useFakeTimers();
  const engine = new ScriptedEngine();
  const { watch } = watched(engine, [10]);
  await vi.advanceTimersByTimeAsync(0);
  watch.stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(engine.signals[0]?.aborted).toBe(true);
  engine.refusals = 1;
  const paused = watched(engine, [10]).watch;
  await vi.advanceTimersByTimeAsync(0);
  paused.stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(engine.asked).toBe(2);
});
