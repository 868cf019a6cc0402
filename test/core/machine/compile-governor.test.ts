import { expect, test, vi } from 'vitest';
import { CompileGovernor } from '../../../src/core/machine/compile-governor.ts';
import { THRESHOLD_EXPORT } from '../../../src/core/machine/jit-patch.ts';

const NEVER = 0x7fffffff;

test('nothing compiles while the budget is overdrawn, and it fills up again with time, never above the burst', () => {
  vi.useFakeTimers();
  const threshold = { value: 0 };
  const governor = new CompileGovernor({ threshold: 1000, bytesPerSecond: 10_000, burstBytes: 5000, savedCodeBytes: 0 });
  governor.attach({ [THRESHOLD_EXPORT]: threshold });
  expect(threshold.value).toBe(1000);
  governor.compiled(9000);
  expect(threshold.value).toBe(NEVER);
  vi.advanceTimersByTime(300);
  expect(threshold.value).toBe(NEVER);
  vi.advanceTimersByTime(300);
  expect(threshold.value).toBe(1000);
  vi.advanceTimersByTime(60_000);
  governor.compiled(5001);
  expect(threshold.value).toBe(NEVER);
  expect(governor).toMatchObject({ modules: 2, bytes: 14_001 });
  governor.dispose();
  vi.useRealTimers();
});
