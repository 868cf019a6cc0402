import { expect, test } from 'vitest';
import { besideMachine } from '../../../src/core/sandbox/save/beside-machine.ts';

function* steps(count: number, done: number[]): Generator<void, void, undefined> {
  for (let number = 0; number < count; number++) {
    const end = performance.now() + 1;
    while (performance.now() < end);
    done.push(number);
    yield;
  }
}

test('others have their turn while work is done in slices', async () => {
  const done: number[] = [];
  const turns: number[] = [];
  const timer = setInterval(() => turns.push(done.length), 1);
  await besideMachine(steps(50, done), () => false);
  clearInterval(timer);
  expect(done).toHaveLength(50);
  expect(new Set(turns).size).toBeGreaterThan(3);
});

test('who is in a hurry does the rest at once', async () => {
  const done: number[] = [];
  let isHurried = false;
  const work = besideMachine(steps(200, done), () => isHurried);
  await new Promise(resolve => setTimeout(resolve, 0));
  expect(done.length).toBeLessThan(200);
  isHurried = true;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await work;
  clearInterval(timer);
  expect(done).toHaveLength(200);
  expect(turns).toBeLessThan(20);
});

test('what goes wrong in the work is told', async () => {
  const failing = function* (): Generator<void, void, undefined> {
    yield;
    throw new Error('no room');
  };
  await expect(besideMachine(failing(), () => false)).rejects.toThrow('no room');
});
