import { describe, expect, test } from 'vitest';
import { packLesson, unpackLesson } from '../../../src/core/lesson/format/packed-lesson.ts';
import { folder } from './lesson-folder.ts';

const files = folder({ 'lesson.md': '# Größe\n', 'files/a.bin': Uint8Array.of(0, 255, 128, 10), 'files/.dockerignore': 'x', '.DS_Store': 'x' });

describe('a packed lesson', () => {
  test('gives back what was packed, without litter', () => {
    const { id, files: unpacked } = unpackLesson(packLesson('02-first', files));
    expect(id).toBe('02-first');
    expect([...unpacked.keys()].sort()).toEqual(['files/.dockerignore', 'files/a.bin', 'lesson.md']);
    for (const [path, content] of unpacked) expect([...content], path).toEqual([...files.get(path)!]);
  });

  test('is the same whatever order the files had', () => {
    expect(packLesson('x', new Map([...files].reverse()))).toBe(packLesson('x', files));
  });

  test.each([
    ['not JSON', 'it is not JSON'],
    ['null', 'it has no `drydock-lesson` field'],
    ['{"a":1}', 'it has no `drydock-lesson` field'],
    ['{"drydock-lesson":2}', 'it was packed in format 2 and this page knows format 1'],
    ['{"drydock-lesson":1,"id":"","files":{}}', '`id` is not what it should be'],
    ['{"drydock-lesson":1,"id":"x","files":{"a":{"txt":"x"}}}', '`files.a` is not what it should be'],
    ['{"drydock-lesson":1,"id":"x","files":{}}', 'it has no `lesson.md`'],
    ['{"drydock-lesson":1,"id":"x","files":{"lesson.md":{"text":""},"../x":{"text":""}}}', '"../x" is not a usable path'],
    ['{"drydock-lesson":1,"id":"x","files":{"lesson.md":{"text":""},"/etc/x":{"text":""}}}', '"/etc/x" is not a usable path'],
    ['{"drydock-lesson":1,"id":"x","files":{"lesson.md":{"base64":"%%%"}}}', '`lesson.md` is damaged'],
    [' '.repeat(2 * 1024 * 1024 + 1), 'it takes 2097153 bytes, and 2097152 are allowed'],
    ['€'.repeat(1024 * 1024), 'it takes 3145728 bytes'],
  ])('%.60j is refused', (text, reason) => {
    expect(() => unpackLesson(text)).toThrow(expect.objectContaining({ code: 'lesson-invalid', message: expect.stringContaining(reason) }));
  });

  test('too many files, or too much, are refused on both sides', () => {
    const many = folder(Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`files/${index}`, ''])));
    expect(() => packLesson('x', many)).toThrow('201 files, and 200 are allowed');
    expect(() => packLesson('x', folder({ 'lesson.md': 'x'.repeat(2 * 1024 * 1024) }))).toThrow('are allowed');
    const packed = JSON.stringify({ 'drydock-lesson': 1, id: 'x', files: Object.fromEntries([...many.keys()].map(path => [path, { text: '' }])) });
    expect(() => unpackLesson(packed)).toThrow('201 files, and 200 are allowed');
  });

  test('a file named __proto__ is a file', () => {
    const { files: unpacked } = unpackLesson('{"drydock-lesson":1,"id":"x","files":{"lesson.md":{"text":""},"files/__proto__":{"text":"y"}}}');
    expect([...unpacked.keys()]).toEqual(['lesson.md', 'files/__proto__']);
  });
});
