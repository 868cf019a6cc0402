import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TerminalSizes } from '../../../src/core/machine/terminal-sizes.ts';

let buffers = 0;
let told: number[][] = [];
let sizes: TerminalSizes;

beforeEach(() => {
  vi.useFakeTimers();
  [buffers, told] = [16, []];
  const tell = (...message: number[]) => {
    buffers--;
    told.push(message);
  };
  sizes = new TerminalSizes({ has_request: () => buffers > 0 }, tell);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the sizes of terminals', () => {
  it('are told at once while the guest has buffers', () => {
    sizes.set(0, 80, 24);
    sizes.set(1, 90, 25);
    expect(told).toEqual([
      [0, 80, 24],
      [1, 90, 25],
    ]);
  });

  it('end with the last one of each terminal when there are more than the guest has buffers for', () => {
    for (let at = 1; at <= 40; at++) sizes.set(at % 2, 50 + at, 20);
    expect(told).toHaveLength(16);
    buffers = 16;
    vi.advanceTimersByTime(1000);
    expect(told.slice(16)).toEqual([
      [1, 89, 20],
      [0, 90, 20],
    ]);
  });

  it('are told later when only one buffer becomes free at a time', () => {
    buffers = 0;
    sizes.set(0, 80, 24);
    sizes.set(1, 90, 25);
    buffers = 1;
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([[0, 80, 24]]);
    buffers = 1;
    vi.advanceTimersByTime(1000);
    expect(told.slice(1)).toEqual([[1, 90, 25]]);
  });

  it('are forgotten with the machine', () => {
    buffers = 0;
    sizes.set(0, 80, 24);
    sizes.dispose();
    buffers = 16;
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([]);
  });
});
