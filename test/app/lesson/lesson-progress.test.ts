import { describe, expect, test } from 'vitest';
import { noProgress, ProgressStore, type LessonProgress, type ProgressStorage } from '../../../src/app/session/lesson/lesson-progress.ts';

class MemoryStorage implements ProgressStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

const progress: LessonProgress = {
  step: 'build',
  steps: ['write'],
  passed: ['write-1', 'build-1'],
  answers: { 'quiz-1': [0, 2], 'quiz-2': 'four' },
  variables: { user: 'ada' },
  agreedTo: 'docker ps',
};

describe('progress', () => {
  test('comes back as it was, on a later visit too', () => {
    const storage = new MemoryStorage();
    new ProgressStore('here', () => storage).write('02', progress);
    const later = new ProgressStore('here', () => storage);
    expect(later.read('02')).toEqual(progress);
    expect(later.read('03')).toBeUndefined();
    later.forget('02');
    expect(later.read('02')).toBeUndefined();
    expect(storage.items.size).toBe(0);
  });

  test('two scopes of one origin keep theirs apart', () => {
    const storage = new MemoryStorage();
    new ProgressStore('here', () => storage).write('02', progress);
    expect(new ProgressStore('there', () => storage).read('02')).toBeUndefined();
  });

  test.each([
    'not json',
    'null',
    '[]',
    '{"format":2,"steps":[],"passed":[],"answers":{},"variables":{}}',
    '{"format":1,"steps":"all","passed":[],"answers":{},"variables":{}}',
    '{"format":1,"steps":[],"passed":[7],"answers":{},"variables":{}}',
    '{"format":1,"steps":[],"passed":[],"answers":{"q":[1.5]},"variables":{}}',
    '{"format":1,"steps":[],"passed":[],"answers":{},"variables":{"user":null}}',
    '{"format":1,"steps":[],"passed":[],"answers":{},"variables":{},"step":3}',
  ])('%s is damaged', text => {
    const storage = new MemoryStorage();
    storage.setItem('drydock.lesson:here:02', text);
    expect(new ProgressStore('here', () => storage).read('02')).toBe('damaged');
  });

  test('where the browser keeps nothing it lasts as long as the page', () => {
    const store = new ProgressStore('here', () => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect(store.read('02')).toBeUndefined();
    store.write('02', noProgress);
    expect(store.read('02')).toEqual(noProgress);
  });
});
