import { expect, test } from 'vitest';
import { stepsOf } from '../../../src/core/docker/image-layers.ts';
import type { HistoryStep } from '../../../src/core/docker/image-types.ts';

/** A history as the engine gives it, the last step first, from the steps in their order. */
const history = (...steps: readonly (readonly [string, number])[]): HistoryStep[] =>
  steps.map(([createdBy, sizeBytes], index) => ({ createdBy, sizeBytes, createdMilliseconds: index, comment: '' })).reverse();
const told = (layers: readonly string[], steps: readonly HistoryStep[]) =>
  stepsOf({ layers }, steps).map(({ instruction, layer }) => `${layer ?? '-'} ${instruction}`);

test('steps that change files get the layers, in order', () => {
  const steps = history(
    ['ADD debian /', 100],
    ['CMD ["sh"]', 0],
    ['/bin/sh -c #(nop)  ENV A=1', 0],
    ['/bin/sh -c #(nop) WORKDIR /app', 0],
    [`/bin/sh -c #(nop) COPY file:${'ab'.repeat(32)} in /app `, 3],
    ['/bin/sh -c pip install flask', 50],
    ['/bin/sh -c #(nop)  EXPOSE 5000', 0],
  );
  expect(told(['a', 'b', 'c', 'd'], steps)).toEqual([
    'a ADD debian /',
    '- CMD ["sh"]',
    '- ENV A=1',
    'b WORKDIR /app',
    'c COPY file in /app',
    'd RUN pip install flask',
    '- EXPOSE 5000',
  ]);
});

test('a step that could have changed a file and did not gets none', () => {
  const steps = history(['ADD debian /', 100], ['/bin/sh -c #(nop) WORKDIR /', 0], ['/bin/sh -c make', 7]);
  expect(told(['a', 'b'], steps)).toEqual(['a ADD debian /', '- WORKDIR /', 'b RUN make']);
});

test('BuildKit’s and build arguments’ notes are read', () => {
  const steps = history(['RUN /bin/sh -c make # buildkit', 1], ['|1 A=b /bin/sh -c make all', 2]);
  expect(told(['a', 'b'], steps)).toEqual(['a RUN make', 'b RUN make all']);
});

test('where numbers do not fit nothing is claimed', () => {
  expect(told(['a', 'b', 'c'], history(['ADD x /', 1], ['RUN y', 2]))).toEqual(['- ADD x /', '- RUN y']);
  expect(told(['a'], history(['ADD x /', 1], ['RUN y', 2]))).toEqual(['- ADD x /', '- RUN y']);
});
