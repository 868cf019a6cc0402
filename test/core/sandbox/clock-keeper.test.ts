import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClockKeeper } from '../../../src/core/sandbox/guest/clock-keeper.ts';

let wall: number;
let steady: number;
let set: number[];
let keeper: ClockKeeper;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  [wall, steady, set] = [1_700_000_000_000, 5000, []];
  keeper = new ClockKeeper(milliseconds => void set.push(milliseconds), { wall: () => wall, steady: () => steady });
});
afterEach(() => {
  keeper.stop();
  vi.useRealTimers();
});
/** Time goes on; the timer comes at its end, as after a freeze. */
const pass = (wallMilliseconds: number, steadyMilliseconds = wallMilliseconds): void => {
  wall += wallMilliseconds;
  steady += steadyMilliseconds;
  vi.advanceTimersByTime(1000);
};

describe('the machine’s clock', () => {
  test('is set when it starts, and left alone while time passes as usual', () => {
    keeper.start();
    for (let second = 0; second < 1000; second++) pass(1000 + (second % 7));
    expect(set).toEqual([1_700_000_000_000]);
  });

  test('is not set for a machine that keeps a timer waiting', () => {
    keeper.start();
    pass(4000);
    pass(1);
    expect(set).toHaveLength(1);
  });

  test('is set after a frozen tab', () => {
    keeper.start();
    pass(1000);
    pass(600_000);
    expect(set).toEqual([1_700_000_000_000, 1_700_000_601_000]);
    pass(1000);
    expect(set).toHaveLength(2);
  });

  test('is set after a computer slept, where its steady clock slept too', () => {
    keeper.start();
    pass(8 * 3_600_000, 1000);
    expect(set.at(-1)).toBe(1_700_000_000_000 + 8 * 3_600_000);
  });

  test('is set after the computer’s own clock was set, forward and back', () => {
    keeper.start();
    pass(61_000, 1000);
    pass(-59_000, 1000);
    expect(set.slice(1)).toEqual([1_700_000_061_000, 1_700_000_002_000]);
  });

  test('small corrections of the computer’s clock add up', () => {
    keeper.start();
    for (let second = 0; second < 100; second++) pass(1020, 1000);
    expect(set.slice(1)).toEqual([26, 52, 78].map(seconds => 1_700_000_000_000 + seconds * 1020));
  });

  test('is left alone once the machine is given up', () => {
    keeper.start();
    keeper.stop();
    pass(600_000);
    expect(set).toHaveLength(1);
  });
});
