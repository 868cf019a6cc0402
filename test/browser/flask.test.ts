/** The tutorial's web page, from an empty file to a container that was stopped. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilText, type LearnerPage } from './learner-page.ts';
import { openDrydock, type OpenDrydock } from './open-drydock.ts';

const APP = `from itertools import cycle
from flask import Flask

app = Flask(__name__)
colours = cycle(["gold", "skyblue", "salmon", "palegreen"])

@app.route("/")
def hello():
    return f'<body style="background: {next(colours)}"><h1>Hello world</h1></body>'

app.run(host="0.0.0.0", port=5000)
`;
const DOCKERFILE = `FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
EXPOSE 5000
CMD ["python", "app.py"]
`;

/** DRYDOCK_SCREENSHOTS names a folder for pictures of the main moments. */
const pictures = process.env['DRYDOCK_SCREENSHOTS'];

describe('the tutorial’s Flask page, typed', () => {
  let drydock: OpenDrydock;
  let learner: LearnerPage;
  let id: string;
  beforeAll(async () => {
    drydock = await openDrydock();
    learner = drydock.learner;
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
  });
  afterAll(() => drydock?.close());

  const picture = async (name: string): Promise<void> => {
    if (pictures !== undefined) await learner.page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  const colour = (): Promise<string> => learner.shownPage.locator('body').evaluate(body => getComputedStyle(body).backgroundColor);

  test('three files, made and typed in the editor', async () => {
    await learner.makeFile('app.py', APP);
    await learner.makeFile('requirements.txt', 'flask\n');
    await learner.file('Dockerfile').click();
    await learner.untilEditing('Dockerfile');
    await learner.replaceText(DOCKERFILE);
    await picture('1-files');
    // As the guest has them: what an editor adds by itself would be there.
    for (const [name, text] of Object.entries({ 'app.py': APP, 'requirements.txt': 'flask\n', Dockerfile: DOCKERFILE })) {
      const shown = await learner.enter(`cat ${name}; echo "e""nd"`, /^end$/m);
      for (const line of text.trimEnd().split('\n')) expect(shown.split('\n'), name).toContain(line);
    }
  });

  test('docker build with pip install', async () => {
    const start = performance.now();
    await learner.enter('docker build -t student/site:v1 .', /naming to docker\.io\/student\/site:v1|^ERROR: /m);
    console.log(`docker build with a pull and pip, in the page: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    await picture('2-built');
    expect(await learner.terminalText()).toContain('naming to docker.io/student/site:v1');
  });

  test('docker run -p: the port appears by itself, and shows the page', async () => {
    const shown = await learner.enter('docker run -d -p 8888:5000 student/site:v1', /^[0-9a-f]{64}$/m);
    id = /^[0-9a-f]{64}$/m.exec(shown)![0].slice(0, 4);
    await learner.ports.filter({ hasText: 'localhost:8888' }).waitFor({ timeout: 60_000 });
    await picture('3-published');
    await learner.ports.filter({ hasText: 'localhost:8888' }).click();
    await untilText(() => learner.shownPage.locator('body').innerText(), /^Hello world$/);
    await expect.poll(() => learner.page.getByRole('textbox', { name: 'Address' }).inputValue()).toMatch(/^localhost:8888\/?$/);
    await picture('4-page');
  });

  test('the colour is another after each reload', async () => {
    for (let reload = 0; reload < 3; reload++) {
      const before = await colour();
      await learner.page.getByRole('button', { name: 'Reload', exact: true }).click();
      await expect.poll(colour, { timeout: 60_000 }).not.toBe(before);
    }
    await picture('5-reloaded');
  });

  test('the address bar leads elsewhere, and Back returns', async () => {
    const address = learner.page.getByRole('textbox', { name: 'Address' });
    await address.fill('localhost:8888/nothing-here');
    await address.press('Enter');
    await untilText(() => learner.shownPage.locator('body').innerText(), /Not Found/);
    await learner.page.getByRole('button', { name: 'Back', exact: true }).click();
    await untilText(() => learner.shownPage.locator('body').innerText(), /^Hello world$/);
  });

  test('docker logs shows the requests; a link in them opens in the pane', async () => {
    const shown = await learner.enter(`docker logs ${id}`, /"GET \/nothing-here HTTP\/1\.1" 404/);
    expect(shown).toMatch(/"GET \/ HTTP\/1\.1" 200/);
    await picture('6-logs');
    // The program tells its port inside the container: the pane says which one that is outside.
    await learner.clickInTerminal('http://127.0.0.1:5000');
    await untilText(() => learner.shownPage.locator('body').innerText(), /5000 is the port inside the container[^]*localhost:8888/);
    await picture('7-inside-port');
    await learner.shownPage.getByRole('link', { name: 'localhost:8888' }).click();
    await untilText(() => learner.shownPage.locator('body').innerText(), /^Hello world$/);
  });

  test('docker stop: the port disappears, and the pane says what to do', async () => {
    await learner.enter(`docker stop ${id}`, new RegExp(`^${id}$`, 'm'));
    await expect.poll(() => learner.ports.count(), { timeout: 60_000 }).toBe(0);
    await learner.page.getByRole('button', { name: 'Reload', exact: true }).click();
    await untilText(() => learner.shownPage.locator('body').innerText(), /docker run -p 8888:/);
    await picture('8-stopped');
  });
});
