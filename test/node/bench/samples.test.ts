import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../src/node/bench/options.ts';
import { mediansOf, tableOf } from '../../../src/node/bench/report.ts';
import { addSample, mergeSamples, summarize, type Samples } from '../../../src/node/bench/samples.ts';

describe('samples', () => {
  test('the median of an odd and of an even number of values', () => {
    expect(summarize([3, 1, 20])).toEqual({ median: 3, count: 3, min: 1, max: 20 });
    expect(summarize([4, 1, 20, 2])).toEqual({ median: 3, count: 4, min: 1, max: 20 });
    expect(() => summarize([])).toThrow(RangeError);
  });

  test('a key is a name and a unit; values are kept in order', () => {
    const samples: Samples = {};
    addSample(samples, 'node_ps_warm', { s: 0.4, instructions: 7 });
    mergeSamples(samples, { node_ps_warm_s: [0.2, 0.9] });
    expect(samples).toEqual({ node_ps_warm_s: [0.4, 0.2, 0.9], node_ps_warm_instructions: [7] });
    expect(mediansOf(samples)).toEqual({ node_ps_warm_s: 0.4, node_ps_warm_instructions: 7 });
  });

  test('the table compares with QEMU where it was measured', () => {
    const table = tableOf({ run_warm_s: [5, 6, 4], qemu_run_warm_s: [2.5], idle_cpu_fraction: [0.02] });
    expect(table).toMatch(/docker run busybox, warm, s +5\.00 \(3: 4\.00–6\.00\) +2\.50 +2\.00 ×/);
    expect(table).toMatch(/idle, % of a core +2\.0 +– +–/);
    expect(tableOf({ run_warm_s: [5] })).not.toContain('QEMU');
    expect(tableOf({})).not.toContain('Chromium');
  });
});

describe('options', () => {
  test('what is not given', () => {
    expect(parseOptions([])).toEqual({ hosts: ['chromium', 'node', 'qemu'], runs: 5, sessions: 3, policy: 'browser', isWeak: false });
  });

  test('what is given', () => {
    const given = parseOptions(['--only', 'qemu', '--only=node', '--runs', '1', '--sessions', '2', '--policy', 'eager', '--weak']);
    expect(given).toEqual({ hosts: ['node', 'qemu'], runs: 1, sessions: 2, policy: 'eager', isWeak: true });
  });

  test.each([['--only', 'firefox'], ['--runs', '0'], ['--runs', 'many'], ['--policy', 'none'], ['--fast']])('%s %s is refused', (...args) => {
    expect(() => parseOptions(args.filter(arg => arg !== undefined))).toThrow(args[0]!);
  });
});
