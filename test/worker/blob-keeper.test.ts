import { describe, expect, it, vi } from 'vitest';
import { keepBlobs } from '../../src/worker/blob-keeper.ts';
import type { FetchBlob } from '../../src/worker/site-host.ts';

const bytes = new Uint8Array([1, 2, 3]);
const never = (): Promise<never> => new Promise(() => undefined);

/** A keeper over a cache that is given in parts, and what it fetched. */
function keeperOf(cache: Partial<NonNullable<Parameters<typeof keepBlobs>[1]>>) {
  const fetched = vi.fn<FetchBlob>(() => Promise.resolve(bytes));
  const put = vi.fn(() => Promise.resolve());
  const keeper = keepBlobs('http://site/', { get: () => Promise.resolve(undefined), works: () => Promise.resolve(true), put, ...cache }, 20);
  return { read: (fresh = false) => keeper('abc', fresh, fetched), fetched, put };
}

describe('the pieces that the browser keeps', () => {
  it('are not fetched', async () => {
    const { read, fetched } = keeperOf({ get: () => Promise.resolve(bytes) });
    expect(await read()).toBe(bytes);
    expect(fetched).not.toHaveBeenCalled();
  });

  it('are fetched once and kept, and fetched again, past all caches, where they were damaged', async () => {
    const { read, fetched, put } = keeperOf({});
    expect(await read()).toBe(bytes);
    expect(put).toHaveBeenCalledWith('abc', bytes);
    await read(true);
    expect(fetched.mock.calls.map(([, cache]) => cache)).toEqual(['no-store', 'reload']);
  });

  it('are fetched where the browser does not answer, whatever it was asked', async () => {
    for (const silent of [{ get: never }, { works: never }, { put: never }]) {
      const { read } = keeperOf(silent);
      expect(await read()).toBe(bytes);
    }
    const { read, fetched, put } = keeperOf({ get: never });
    await read();
    expect(fetched.mock.calls.map(([, cache]) => cache)).toEqual(['force-cache']);
    expect(put).not.toHaveBeenCalled();
  });

  it('are left to the browser’s own cache where it keeps nothing, or no more', async () => {
    const refusing = keeperOf({ works: () => Promise.resolve(false) });
    await refusing.read();
    expect(refusing.fetched.mock.calls.map(([, cache]) => cache)).toEqual(['force-cache']);
    const full = keeperOf({ put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) });
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    await full.read();
    await full.read();
    expect(full.fetched.mock.calls.map(([, cache]) => cache)).toEqual(['no-store', 'force-cache']);
  });
});
