import type { BrowserContextOptions } from 'playwright-core';
import { launchChromium, serveSite } from './chromium.ts';
import { LearnerPage } from './learner-page.ts';

/** Drydock in a Chromium of its own, at its first prompt. */
export interface OpenDrydock {
  readonly learner: LearnerPage;
  close(): Promise<void>;
}

/** Serves the built site, opens it, with this after its address, and waits for the prompt. */
export async function openDrydock(options: BrowserContextOptions = {}, query = ''): Promise<OpenDrydock> {
  const server = await serveSite();
  const browser = await launchChromium();
  const close = async (): Promise<void> => {
    await browser.close();
    await server.close();
  };
  try {
    const learner = await LearnerPage.open(browser, `${server.url}${query}`, options);
    await learner.untilPrompt();
    return { learner, close };
  } catch (error) {
    await close();
    throw error;
  }
}
