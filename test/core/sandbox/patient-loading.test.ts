import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import type { Notice } from '../../../src/core/protocol/sandbox.ts';
import type { ArtifactHost } from '../../../src/core/sandbox/load/artifact-host.ts';
import { BlobLoader } from '../../../src/core/sandbox/load/blob-loader.ts';
import { PatientLoading } from '../../../src/core/sandbox/load/patient-loading.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const noHost: ArtifactHost = { readFile: () => Promise.reject(new Error('unused')), readBlob: () => Promise.reject(new Error('unused')) };

/** A loading with what it tells, and work that fails with `failure` until that is undefined. */
function watched() {
  const notices: Notice[] = [];
  const state = { failure: new SandboxError('download-failed', 'It is away.') as SandboxError | undefined, attempts: [] as number[] };
  const loading = new PatientLoading(
    noHost,
    new BlobLoader(noHost),
    notice => notices.push(notice),
    () => undefined,
  );
  const work = (): Promise<string> => {
    state.attempts.push(Date.now());
    return state.failure === undefined ? Promise.resolve('here') : Promise.reject(state.failure);
  };
  return { loading, notices, state, work };
}

/** Seconds between attempts. */
function pauses({ attempts }: { attempts: readonly number[] }): number[] {
  return attempts.slice(1).map((time, index) => (time - attempts[index]!) / 1000);
}

describe('what is missing', () => {
  test('is tried again by itself, after growing pauses that stay bounded, and told once', async () => {
    const { loading, notices, state, work } = watched();
    const result = loading.try(work);
    await vi.advanceTimersByTimeAsync(130_000);
    expect(pauses(state)).toEqual([2, 4, 8, 16, 30, 30, 30]);
    expect(notices).toMatchObject([
      { code: 'download-failed', canRetry: true, message: expect.stringMatching(/^It is away\. .* tries again by itself/) as string },
    ]);
    expect(loading.isMissing).toBe(true);
    state.failure = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await result).toBe('here');
    expect(notices.slice(1)).toMatchObject([{ code: 'download-failed', resolved: true }]);
    expect([loading.isMissing, loading.isLoading]).toEqual([false, false]);
  });

  test('is tried at once when somebody says so, and the pauses begin anew', async () => {
    const { loading, notices, state, work } = watched();
    void loading.try(work);
    await vi.advanceTimersByTimeAsync(20_000);
    loading.retry();
    await vi.advanceTimersByTimeAsync(7000);
    expect(pauses(state)).toEqual([2, 4, 8, 6, 2, 4]);
    expect(notices.map(({ resolved }) => resolved ?? false)).toEqual([false, true, false]);
  });

  test('is withdrawn when all of it has come, not before', async () => {
    const { loading, notices, state, work } = watched();
    void loading.try(work);
    const other = watched();
    void loading.try(other.work);
    await vi.advanceTimersByTimeAsync(1000);
    state.failure = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(notices).toHaveLength(1);
    other.state.failure = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(notices.slice(1)).toMatchObject([{ resolved: true }]);
  });

  test('that fails otherwise than before is told so', async () => {
    const { loading, notices, state, work } = watched();
    void loading.try(work);
    await vi.advanceTimersByTimeAsync(1000);
    state.failure = new SandboxError('download-damaged', 'It is damaged.');
    await vi.advanceTimersByTimeAsync(1000);
    expect(notices.map(({ code, resolved }) => [code, resolved ?? false])).toEqual([
      ['download-failed', false],
      ['download-failed', true],
      ['download-damaged', false],
    ]);
  });

  test('of another version is not waited for', async () => {
    const { loading, notices, state, work } = watched();
    state.failure = new SandboxError('snapshot-mismatch', 'Reload the page.');
    await expect(loading.try(work)).rejects.toMatchObject({ code: 'snapshot-mismatch' });
    expect(notices).toEqual([]);
  });

  test('is not tried after the end', async () => {
    const { loading, state, work } = watched();
    void loading.try(work);
    await vi.advanceTimersByTimeAsync(1000);
    loading.close();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(state.attempts).toHaveLength(1);
  });
});
