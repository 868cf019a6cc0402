import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Frame, Page } from 'playwright-core';
import { LearnerPage } from '../browser/learner-page.ts';

const serverFile = fileURLToPath(new URL('preview-server.py', import.meta.url));

/** A learner whose machine runs a container with the test's own web server, published at localhost:8888. */
export class PreviewLearner {
  /** Pages then stand in a frame of the second origin's own frame. */
  isSecondOrigin = false;

  constructor(readonly learner: LearnerPage) {}

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<PreviewLearner> {
    const learner = await LearnerPage.open(browser, url, { viewport: { width: 1440, height: 900 }, ...options });
    await learner.untilPrompt();
    await learner.drop([{ name: 'server.py', content: readFileSync(serverFile, 'utf8') }]);
    await learner.file('server.py').waitFor();
    return new PreviewLearner(learner);
  }

  get page(): Page {
    return this.learner.page;
  }

  /** Starts the server in a container, as a learner would, and waits until its port is in the list. */
  async publish(name: string, hostPort: number): Promise<void> {
    const command = `docker run -d --name ${name} -p ${hostPort}:5000 -v /workspace:/w python:3.13-slim python3 /w/server.py`;
    await this.learner.enter(command, /^[0-9a-f]{64}$/m);
    await this.page.getByRole('button', { name: `localhost:${hostPort}` }).waitFor({ timeout: 60_000 });
    // Python takes its time to start: whoever looks before gets the page that says so.
    await this.learner.enter(`until wget -qO /dev/null http://127.0.0.1:${hostPort}/count; do sleep 1; done; echo do""ne`, /^done$/m);
  }

  async go(address: string): Promise<void> {
    const bar = this.page.getByRole('textbox', { name: 'Address' });
    await bar.fill(address);
    await bar.press('Enter');
  }

  /** The frame once it shows a heading with this text. */
  async shows(heading: string | RegExp): Promise<Frame> {
    const outer = this.page.frameLocator('iframe');
    const inner = this.isSecondOrigin ? outer.frameLocator('iframe') : outer;
    const element = await inner.getByRole('heading', { name: heading }).elementHandle({ timeout: 60_000 });
    // The page may have gone on between the two: then it is looked for again.
    const frame = await element?.ownerFrame().catch(() => this.shows(heading));
    if (frame === null || frame === undefined) throw new Error('the heading stands in no frame');
    return frame;
  }

  address(): Promise<string> {
    return this.page.getByRole('textbox', { name: 'Address' }).inputValue();
  }
}
