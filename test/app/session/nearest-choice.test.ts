import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';
import { readSiteConfig } from '../../../src/app/session/preview/site-config.ts';
import { NearestChoice } from '../../../src/app/session/machine/nearest-choice.ts';

afterEach(() => vi.restoreAllMocks());

test('is off, then as the site has it, then as the learner chose', async () => {
  const chosen = signal<boolean | undefined>(undefined);
  const choice = new NearestChoice(chosen);
  expect(choice.isOn.value).toBe(false);
  await choice.follow(Promise.resolve(true));
  expect(choice.isOn.value).toBe(true);
  choice.choose(false);
  expect([choice.isOn.value, chosen.value]).toEqual([false, false]);
  choice.choose(true);
  expect(choice.isOn.value).toBe(true);
});

test('a site that cannot be read leaves it off', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const choice = new NearestChoice(signal<boolean | undefined>(undefined));
  await choice.follow(Promise.reject(new Error('no config')));
  expect(choice.isOn.value).toBe(false);
  expect(warned).toHaveBeenCalledOnce();
});

test('the site says it in config.json, with true or false and nothing else', async () => {
  const answers = (config: unknown) => vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json(config));
  answers({});
  expect((await readSiteConfig('https://site.example/')).nearestImages).toBe(false);
  answers({ nearestImages: true });
  expect((await readSiteConfig('https://site.example/')).nearestImages).toBe(true);
  answers({ nearestImages: 'yes' });
  await expect(readSiteConfig('https://site.example/')).rejects.toThrow(/"nearestImages" .* must be true or false/);
});
