import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { ChromiumHost } from '../bench/chromium-host.ts';
import { sleep } from '../bench/session.ts';
import { readBrowser, readSnapshots, WorkerHeaps, type Counters } from './counters.ts';

const COMMAND_MILLISECONDS = 300_000;
const SEE_MILLISECONDS = 60_000;
/** Between two commands. */
const PAUSE_MILLISECONDS = 500;
/** Long enough for the page to save the machine by itself: quiet, and ten seconds after the save before. */
const REST_MILLISECONDS = 12_000;
/** So many rounds go by between two rounds that also push, pull and throw away. */
const LONG_ROUND = 5;
const KIB = 1024;

/** What the guest tells of itself in a row of the terminal, in this order, and in which units. */
const GUEST_COUNTERS = [
  ['guest_free_bytes', KIB],
  ['guest_disk_bytes', KIB],
  ['guest_processes', 1],
  ['guest_overlays', 1],
  ['guest_mounts', 1],
] as const;
const TELL_GUEST =
  "echo S'T'AT $(awk '/MemAvailable/{print $2}' /proc/meminfo) $(df -k / | awk 'END{print $3}') $(ls /proc | grep -c '^[0-9]') $(ls /var/lib/docker/overlay2 | wc -l) $(wc -l </proc/mounts)";

/** A visitor who does the tutorial's work over and over: at the terminal, in the editor, in the Browser pane. */
export class LongVisit {
  /** How many containers were started so far. */
  containers = 0;
  #rounds = 0;

  private constructor(
    private readonly host: ChromiumHost,
    private readonly heaps: WorkerHeaps,
  ) {}

  static async begin(host: ChromiumHost): Promise<LongVisit> {
    return new LongVisit(host, await WorkerHeaps.open(host.page));
  }

  /** One round: about ten containers, an image, a page looked at, a file edited. Rejects with what the terminal shows where a command fails. */
  async round(): Promise<void> {
    const number = ++this.#rounds;
    for (let count = 0; count < 4; count++) await this.#start('docker run --rm busybox echo hi');
    await this.#start('docker run --rm -it busybox sh -c "seq 1 300"');
    await this.#web(number);
    await this.#edit(number);
    await this.#type('docker build -t student/hello-world:v1 .');
    await this.#start('docker run student/hello-world:v1');
    await this.#type('docker ps -a');
    await this.#type('docker images');
    await this.#type('seq 1 2000');
    if (number % LONG_ROUND === 0) await this.#longPart();
    await sleep(REST_MILLISECONDS);
  }

  /** Reads all counters, with the guest's own. */
  async read(): Promise<Counters> {
    const guest = await this.#readGuest();
    const { page, profilePath } = this.host;
    return { ...(await readBrowser(page, profilePath)), ...(await readSnapshots(page)), ...(await this.heaps.read()), ...guest };
  }

  async #web(number: number): Promise<void> {
    const text = `Round ${number} ${randomUUID()}`;
    const serve = `echo ${text} >/tmp/index.html; exec httpd -f -h /tmp`;
    await this.#start(`docker run -d --name web -p 8888:80 busybox sh -c "${serve}"`);
    await this.#type('docker exec web hostname');
    const { page } = this.host;
    const port = page.getByRole('list', { name: 'Published ports' }).getByRole('button', { name: 'localhost:8888' });
    await port.click({ timeout: SEE_MILLISECONDS });
    await page.frameLocator('iframe.browser-frame').getByText(text).waitFor({ timeout: SEE_MILLISECONDS });
    await this.#focusTerminal();
    await this.#type('docker stop -t 1 $(docker ps -q -f name=web)');
    await this.#type('docker logs web');
    await this.#type('docker rm web');
  }

  async #edit(number: number): Promise<void> {
    const { page } = this.host;
    await page.getByRole('treeitem', { name: 'hello-world.py', exact: true }).click({ timeout: SEE_MILLISECONDS });
    await page.locator('.monaco-editor .view-lines').click({ timeout: SEE_MILLISECONDS });
    await page.keyboard.press('Control+a');
    await page.keyboard.type(`print("Hello world, round ${number}")`);
    await this.#focusTerminal();
    await this.#type(`until grep -q "round ${number}\\"" hello-world.py; do sleep 0.2; done`);
  }

  /** What a visitor does now and then: to a registry and back. What was pulled for it goes again, so that the disk is filled and emptied. */
  async #longPart(): Promise<void> {
    await this.#start('docker run -d --name registry -p 5000:5000 registry:2');
    await this.#type('docker tag busybox localhost:5000/small:v1');
    await this.#type('docker push localhost:5000/small:v1');
    await this.#type('docker rmi localhost:5000/small:v1');
    await this.#type('docker pull localhost:5000/small:v1');
    await this.#type('docker rm -f -v registry');
    await this.#type('docker rmi localhost:5000/small:v1 registry:2');
    await this.#type('docker system prune -f');
  }

  async #readGuest(): Promise<Counters> {
    await this.#type('clear');
    await this.#type(TELL_GUEST);
    const shown = await rowsOf(this.host.page);
    const values = /^STAT ([\d ]+)$/m.exec(shown)?.[1]?.split(' ').map(Number) ?? [];
    return Object.fromEntries(GUEST_COUNTERS.map(([name, unit], index) => [name, (values[index] ?? NaN) * unit]));
  }

  async #start(command: string): Promise<void> {
    this.containers++;
    await this.#type(command);
  }

  async #type(command: string): Promise<void> {
    await sleep(PAUSE_MILLISECONDS);
    await this.host.run(command, COMMAND_MILLISECONDS);
  }

  #focusTerminal(): Promise<void> {
    return this.host.page.locator('#terminal-panel-0 .xterm-helper-textarea').focus({ timeout: SEE_MILLISECONDS });
  }
}

async function rowsOf(page: Page): Promise<string> {
  const rows = await page.locator('#terminal-panel-0 .xterm-rows > div').allInnerTexts();
  return rows.map(row => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
}
