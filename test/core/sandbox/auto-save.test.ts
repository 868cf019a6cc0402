import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AutoSave } from '../../../src/core/sandbox/save/auto-save.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Counts saves, each of which takes so long; they fail while `isFailing`. */
function watched(milliseconds = 0) {
  const state = { saves: [] as number[], isFailing: false, isBusy: false, canSave: true };
  const autoSave = new AutoSave(
    async () => {
      state.saves.push(Date.now());
      if (milliseconds > 0) await vi.advanceTimersByTimeAsync(0);
      if (state.isFailing) throw new Error('no room');
    },
    () => Promise.resolve(state.isBusy),
    () => state.canSave,
    () => Date.now(),
  );
  return { state, autoSave };
}

test('nothing is saved while nothing happens', async () => {
  const { state, autoSave } = watched();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(state.saves).toEqual([]);
  expect(autoSave.isDue).toBe(false);
});

test('what happened is saved once, when it has become quiet', async () => {
  const { state, autoSave } = watched();
  const start = Date.now();
  for (let count = 0; count < 20; count++) {
    autoSave.note();
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(state.saves).toEqual([]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(state.saves).toHaveLength(1);
  expect(state.saves[0]! - start).toBeGreaterThanOrEqual(11_500);
  expect(autoSave.isDue).toBe(false);
});

test('what is never quiet is saved now and then', async () => {
  const { state, autoSave } = watched();
  for (let count = 0; count < 600; count++) {
    autoSave.note();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(state.saves.length).toBeGreaterThanOrEqual(8);
  expect(state.saves.length).toBeLessThanOrEqual(11);
});

test('a machine that is used in short turns is not saved after each', async () => {
  const { state, autoSave } = watched();
  for (let count = 0; count < 30; count++) {
    autoSave.note();
    await vi.advanceTimersByTimeAsync(2500);
  }
  expect(state.saves.length).toBeLessThanOrEqual(16);
  expect(state.saves.length).toBeGreaterThanOrEqual(10);
});

test('in a hurry it is saved at once, and only if something has happened', async () => {
  const { state, autoSave } = watched();
  await autoSave.hurry();
  expect(state.saves).toEqual([]);
  autoSave.note();
  await autoSave.hurry();
  expect(state.saves).toHaveLength(1);
  await autoSave.hurry();
  expect(state.saves).toHaveLength(1);
});

test('a save that failed is tried again, later', async () => {
  const { state, autoSave } = watched();
  state.isFailing = true;
  autoSave.note();
  await vi.advanceTimersByTimeAsync(4000);
  expect(state.saves).toHaveLength(1);
  expect(autoSave.isDue).toBe(true);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(state.saves).toHaveLength(1);
  state.isFailing = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.saves).toHaveLength(2);
  expect(autoSave.isDue).toBe(false);
});

test('what happens during a save is saved after it', async () => {
  const { state, autoSave } = watched();
  autoSave.note();
  const saving = autoSave.hurry();
  autoSave.note();
  await saving;
  expect(autoSave.isDue).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.saves).toHaveLength(2);
});

test('what was saved on demand need not be saved again', async () => {
  const { state, autoSave } = watched();
  autoSave.note();
  autoSave.saved();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.saves).toEqual([]);
});

test('when it is stopped nothing is saved any more', async () => {
  const { state, autoSave } = watched();
  autoSave.note();
  autoSave.stop();
  await autoSave.hurry();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.saves).toEqual([]);
});

test('a machine that works without a word is not stopped in its work, but saved now and then', async () => {
  const { state, autoSave } = watched();
  state.isBusy = true;
  autoSave.note();
  await vi.advanceTimersByTimeAsync(40_000);
  expect(state.saves).toEqual([]);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(state.saves).toHaveLength(1);
  autoSave.note();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(state.saves).toHaveLength(1);
  state.isBusy = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(state.saves).toHaveLength(2);
});

test('while it cannot be saved nothing is tried; then it is saved soon', async () => {
  const { state, autoSave } = watched();
  state.canSave = false;
  autoSave.note();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(state.saves).toEqual([]);
  expect(autoSave.isDue).toBe(true);
  state.canSave = true;
  await vi.advanceTimersByTimeAsync(3000);
  expect(state.saves).toHaveLength(1);
});
