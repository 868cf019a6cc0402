import { signal } from '@preact/signals';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryWatch } from '../../../src/app/session/machine/memory-watch.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import type { EngineNews, SandboxStatus } from '../../../src/core/protocol/sandbox.ts';

const MEBIBYTE = 1024 * 1024;
let status: ReturnType<typeof signal<SandboxStatus | undefined>>;
let news: Emitter<EngineNews>;
let watch: MemoryWatch;
beforeEach(() => {
  status = signal<SandboxStatus | undefined>(undefined);
  news = new Emitter();
  watch = new MemoryWatch({ status, onEngineNews: news.event });
});
const left = (mebibytes: number): void => {
  const memory = { memoryTotalBytes: 500 * MEBIBYTE, memoryAvailableBytes: mebibytes * MEBIBYTE };
  status.value = { ...memory, diskTotalBytes: 1, diskAvailableBytes: 1, engine: 'running' };
};
const event = (action: string, name: string, type = 'container'): void =>
  news.emit({ kind: 'event', event: { type, action, id: '0123456789abcdef', attributes: { name }, timeMilliseconds: 0 } });

describe('the machine’s memory', () => {
  test('with enough left there is nothing to say', () => {
    for (const mebibytes of [400, 100, 61, 40, 31]) left(mebibytes);
    event('die', 'web');
    event('oom', 'web', 'image');
    expect(watch.trouble.value).toBeUndefined();
  });

  test('nearly used up it is said once, until it was easy again', () => {
    left(20);
    expect(watch.trouble.value).toEqual({ kind: 'tight', availableBytes: 20 * MEBIBYTE });
    watch.dismiss();
    left(10);
    left(40);
    left(10);
    expect(watch.trouble.value).toBeUndefined();
    left(200);
    left(10);
    expect(watch.trouble.value?.kind).toBe('tight');
    left(200);
    expect(watch.trouble.value).toBeUndefined();
  });

  test('containers that the kernel ended are named until the learner has read it', () => {
    left(10);
    event('oom', 'web');
    event('oom', 'db');
    event('oom', 'web');
    expect(watch.trouble.value).toEqual({ kind: 'killed', containers: ['db', 'web'] });
    left(400);
    expect(watch.trouble.value?.kind).toBe('killed');
    watch.dismiss();
    expect(watch.trouble.value).toBeUndefined();
  });

  test('another machine has nothing of it', () => {
    left(100);
    event('oom', 'web');
    status.value = undefined;
    expect(watch.trouble.value).toBeUndefined();
  });
});
