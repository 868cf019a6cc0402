import { describe, expect, test } from 'vitest';
import { embedUrl, parseEmbedOptions, type EmbedOptions } from '../../../src/core/embed/embed-options.ts';

const read = (search: string): ReturnType<typeof parseEmbedOptions> => parseEmbedOptions(new URL(`https://x.example/?${search}`).searchParams);

describe('the address of an embed', () => {
  test('one that asks for no embed is none', () => {
    expect(read('')).toBeUndefined();
    expect(read('layout=terminal&lesson=x')).toBeUndefined();
  });

  test('`embed` alone is the whole of Drydock in the colours of the system', () => {
    expect(read('embed')).toEqual({
      options: { layout: 'full', theme: 'auto', lesson: undefined, workspace: undefined, isControlled: false },
      problems: [],
    });
  });

  test('what an address of ours says is read as it was meant', () => {
    const options: EmbedOptions = {
      layout: 'lesson-terminal',
      theme: 'dark',
      lesson: 'https://x.example/a b.lesson.json?v=1&w',
      workspace: 'Übung 1',
      isControlled: true,
    };
    const url = embedUrl('https://drydock.example/app/index.html', options);
    expect(url.startsWith('https://drydock.example/app/?embed=controlled')).toBe(true);
    expect(parseEmbedOptions(new URL(url).searchParams)).toEqual({ options, problems: [] });
  });

  test('what is wrong is told and left out', () => {
    const told = read(`embed&layout=windows&theme=pink&workspace=${'x'.repeat(101)}`);
    expect(told?.options).toMatchObject({ layout: 'full', theme: 'auto', workspace: 'x'.repeat(100) });
    expect(told?.problems).toEqual([
      expect.stringContaining('cut'),
      'There is no layout "windows": it can be full, terminal, editor-terminal, lesson-terminal. This frame uses full.',
      'There is no theme "pink": it can be light, dark, auto. This frame uses auto.',
    ]);
  });
});
