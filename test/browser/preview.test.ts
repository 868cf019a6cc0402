import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveFolder, type Interceptor, type StaticServer } from '../../src/node/serve/static-server.ts';
import { PreviewLearner } from '../support/preview.ts';
import { launchChromium, serveSite } from './chromium.ts';
import { LearnerPage } from './learner-page.ts';

/** What the test server sends as a download of so many bytes. */
function downloadHash(size: number): string {
  const block = Buffer.from(Array.from({ length: 65_536 }, (_, index) => index & 255));
  const hash = createHash('sha256');
  for (let left = size; left > 0; left -= block.length) hash.update(block.subarray(0, Math.min(left, block.length)));
  return hash.digest('hex');
}

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly length: number;
  readonly sha256: string;
  readonly text: string;
}

describe('published ports in the browser pane', () => {
  let browser: Browser;
  let server: StaticServer;
  let preview: PreviewLearner;
  let frame: Frame;
  beforeAll(async () => {
    server = await serveSite();
    browser = await launchChromium();
    preview = await PreviewLearner.open(browser, server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const show = async (address: string, heading: string | RegExp): Promise<Frame> => {
    await preview.go(address);
    return preview.shows(heading);
  };
  const echo = (path: string, options: RequestInit = {}): Promise<Echo> =>
    frame.evaluate(async ([to, given]) => (await fetch(to, given)).json() as Promise<Echo>, [path, options] as const);

  test('nothing of it is loaded before it is needed', async () => {
    expect(await preview.page.getByRole('textbox', { name: 'Address' }).isVisible()).toBe(false);
  });

  test('a published port opens the pane and stands in its list; a click shows it', async () => {
    await preview.publish('web', 8888);
    expect(await preview.page.getByRole('button', { name: 'localhost:8888' }).innerText()).toContain('web');
    await preview.page.getByRole('button', { name: 'localhost:8888' }).click();
    frame = await preview.shows('Hello from the container');
    await expect.poll(() => preview.address()).toBe('localhost:8888/');
  });

  test('what the page names with absolute links is its own: style sheet, picture in it, script', async () => {
    await expect.poll(() => frame.evaluate(() => document.body.dataset['script'])).toBe('ran');
    expect(await frame.evaluate(() => getComputedStyle(document.querySelector('h1')!).color)).toBe('rgb(1, 2, 3)');
    await expect.poll(() => frame.evaluate(async () => (await fetch('/state')).json() as Promise<unknown>)).toMatchObject({ picture: true });
  });

  test('links, back and forward, reload', async () => {
    await frame.getByRole('link', { name: 'About' }).click();
    const about = await preview.shows('About 1');
    await expect.poll(() => preview.address()).toBe('localhost:8888/about?x=1');
    expect(await about.locator('p').innerText()).toBe('http://localhost:8888/');
    await preview.page.getByRole('button', { name: 'Back' }).click();
    await preview.shows('Hello from the container');
    await preview.page.getByRole('button', { name: 'Forward' }).click();
    await preview.shows('About 1');
    await preview.page.getByRole('button', { name: 'Reload' }).click();
    await preview.shows('About 1');
    await show('8888', 'Hello from the container');
    await frame.getByRole('link', { name: 'Local' }).click();
    await preview.shows('About none');
    frame = await show('localhost:8888', 'Hello from the container');
  });

  test('a link to localhost leads to the container also while its page is still loading', async () => {
    frame = await show('localhost:8888/lingering', 'Lingering');
    await frame.getByRole('link', { name: 'Local' }).click();
    await preview.shows('About none');
    frame = await show('localhost:8888', 'Hello from the container');
  });

  test('a form is posted, its redirect followed', async () => {
    await frame.getByRole('button', { name: 'Send' }).click();
    await preview.shows('Thanks A & b');
    await expect.poll(() => preview.address()).toBe('localhost:8888/thanks?name=A+%26+b');
    frame = await show(':8888', 'Hello from the container');
  });

  test('a page that wants a password asks for it, again where it was wrong, and its scripts see the refusal itself', async () => {
    let secret = await show('localhost:8888/secret/page?x=1', 'localhost:8888 wants a password');
    expect(await secret.locator('main').innerText()).toContain('It says: “The "inner" part”.');
    const signIn = async (password: string): Promise<void> => {
      await secret.getByLabel('User name').fill('ada');
      await secret.getByLabel('Password').fill(password);
      await secret.getByRole('button', { name: 'Sign in' }).click();
    };
    await signIn('wrong');
    await expect.poll(() => secret.getByRole('alert').innerText()).toContain('was not accepted');
    expect(await secret.evaluate(async () => (await fetch('/secret/page')).status)).toBe(401);
    await signIn('päss');
    secret = await preview.shows('Inside');
    await expect.poll(() => preview.address()).toBe('localhost:8888/secret/page?x=1');
    expect(await secret.evaluate(async () => (await fetch('/secret/page')).status)).toBe(200);
    frame = await show('localhost:8888', 'Hello from the container');
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s with JSON', async method => {
    const told = await echo('/echo?a=%20b', { method, body: '{"n": "é"}', headers: { 'content-type': 'application/json', 'X-Own': 'yes' } });
    expect(told).toMatchObject({ method, path: '/echo?a=%20b', length: 11, text: '{"n": "Ã©"}' });
    expect(told.headers).toMatchObject({ host: 'localhost:8888', 'content-type': 'application/json', 'x-own': 'yes' });
    expect(told.headers).toMatchObject({ origin: 'http://localhost:8888', referer: 'http://localhost:8888/', 'content-length': '11' });
  });

  test('HEAD and OPTIONS', async () => {
    const head = await frame.evaluate(async () => {
      const answer = await fetch('/status?code=200', { method: 'HEAD' });
      return [answer.status, answer.headers.get('content-length'), await answer.text()];
    });
    expect(head).toEqual([200, '10', '']);
    expect((await echo('/echo', { method: 'OPTIONS' })).method).toBe('OPTIONS');
  });

  test('an upload of 5 MB arrives whole', async () => {
    const told = await frame.evaluate(async () => {
      const bytes = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
      return (await fetch('/echo', { method: 'POST', body: bytes })).json() as Promise<Echo>;
    });
    const sent = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
    expect([told.length, told.sha256]).toEqual([5_000_000, createHash('sha256').update(sent).digest('hex')]);
  });

  test.each([400, 404, 418, 500, 503])('an HTTP error is passed through: %d', async code => {
    const told = await frame.evaluate(async to => {
      const answer = await fetch(to);
      return [answer.status, answer.headers.get('x-own'), await answer.text()];
    }, `/status?code=${code}`);
    expect(told).toEqual([code, 'yes', 'as it came']);
  });

  test('a page of the container for what it has not', async () => {
    await show('localhost:8888/nowhere', 'No such page in the container');
    frame = await show('localhost:8888', 'Hello from the container');
  });

  test.each([301, 302, 303, 307, 308])('a redirect is followed, relative and absolute: %d', async status => {
    for (const to of ['/echo', 'http://localhost:8888/echo', 'echo']) {
      const told = await echo(`/redirect?status=${status}&to=${encodeURIComponent(to)}`, { method: 'POST', body: 'kept?' });
      expect(told).toMatchObject(status === 307 || status === 308 ? { method: 'POST', text: 'kept?' } : { method: 'GET', path: '/echo' });
    }
  });

  test('cookies are kept from request to request, and scripts see those they may', async () => {
    const visit = () => frame.evaluate(async () => (await fetch('/visit')).json() as Promise<unknown>);
    expect(await visit()).toEqual({ count: 1 });
    expect(await visit()).toEqual({ count: 2 });
    expect(await frame.evaluate(async () => (await fetch('/visit', { credentials: 'omit' })).json() as Promise<unknown>)).toEqual({ count: 1 });
    expect((await echo('/echo')).headers['cookie']).toBe('count=2; other=a%20b');
    expect(await frame.evaluate(() => document.cookie)).toBe('other=a%20b');
  });

  test('a download of 20 MB arrives whole, through the page and as a file', async () => {
    const size = 20 * 1024 * 1024;
    const told = await frame.evaluate(async () => {
      const start = performance.now();
      const bytes = await (await fetch('/download')).arrayBuffer();
      const seconds = (performance.now() - start) / 1000;
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      return { length: bytes.byteLength, seconds, hash: [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('') };
    });
    expect(told).toMatchObject({ length: size, hash: downloadHash(size) });
    console.log(`20 MB in ${told.seconds.toFixed(1)} s: ${(20 / told.seconds).toFixed(1)} MB/s`);
    const download = preview.page.waitForEvent('download', { timeout: 120_000 });
    await preview.go('localhost:8888/download');
    const file = await (await download).path();
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(downloadHash(size));
  });

  test('who reads slowly makes the container wait, and who leaves ends it', async () => {
    const sent = async (): Promise<number> => (await frame.evaluate(async () => (await fetch('/state')).json() as Promise<{ sent: number }>)).sent;
    await frame.evaluate(async () => {
      const reader = (await fetch('/download?bytes=200000000')).body!.getReader();
      await reader.read();
      Object.assign(window, { reader });
    });
    let before = -1;
    await expect
      .poll(
        async () => {
          const now = await sent();
          const isStill = now === before;
          before = now;
          return isStill;
        },
        { timeout: 30_000, interval: 1000 },
      )
      .toBe(true);
    // What the browser itself holds between service worker and page was 64 MB.
    expect(before).toBeLessThan(120_000_000);
    await frame.evaluate(() => (window as unknown as { reader: ReadableStreamDefaultReader }).reader.cancel());
  });

  test('50 requests at once, and a slow one between them', async () => {
    const told = await frame.evaluate(async () => {
      const slow = fetch('/slow?seconds=3').then(answer => answer.text());
      const quick = await Promise.all(Array.from({ length: 50 }, async (_, index) => (await fetch(`/echo?${index}`)).json() as Promise<Echo>));
      return { paths: quick.map(({ path }) => path), slow: await slow };
    });
    expect(told).toEqual({ paths: Array.from({ length: 50 }, (_, index) => `/echo?${index}`), slow: 'slow' });
  });

  test('server-sent events come one by one; leaving closes the connection', async () => {
    const streams = async (): Promise<number> =>
      (await frame.evaluate(async () => (await fetch('/state')).json() as Promise<{ streams: number }>)).streams;
    const told = await frame.evaluate(
      () =>
        new Promise<string[]>((resolve, reject) => {
          const events = new EventSource('/events');
          const heard: string[] = [];
          events.onerror = () => reject(new Error('the events broke'));
          events.onmessage = ({ data }: MessageEvent<string>) => {
            if (heard.push(data) === 5) resolve(heard);
          };
        }),
    );
    expect(told).toEqual(['0', '1', '2', '3', '4']);
    expect(await streams()).toBe(1);
    frame = await show('localhost:8888/other', 'Other');
    await expect.poll(streams, { timeout: 20_000 }).toBe(0);
  });

  test('300 requests one after the other and 200 at once: none is lost', async () => {
    const told = await frame.evaluate(async () => {
      const before = (await (await fetch('/count')).json()) as number;
      const start = performance.now();
      for (let index = 0; index < 300; index++) await (await fetch('/count')).json();
      const milliseconds = (performance.now() - start) / 300;
      await Promise.all(Array.from({ length: 200 }, async () => (await fetch('/count')).json()));
      return { count: ((await (await fetch('/count')).json()) as number) - before, milliseconds };
    });
    console.log(`a request and its whole answer: ${told.milliseconds.toFixed(0)} ms on average`);
    expect(told.count).toBe(501);
  });

  test('the service worker may be ended at any time', async () => {
    const session = await preview.page.context().newCDPSession(preview.page);
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    expect((await echo('/echo?again')).path).toBe('/echo?again');
    await session.send('ServiceWorker.stopAllWorkers');
    frame = await show('localhost:8888', 'Hello from the container');
  });

  test('the first byte of a page', async () => {
    const told = await frame.evaluate(async () => {
      const times: number[] = [];
      for (let index = 0; index < 20; index++) {
        const start = performance.now();
        const answer = await fetch('/');
        await answer.body!.getReader().read();
        times.push(performance.now() - start);
      }
      return times.sort((one, other) => one - other);
    });
    console.log(`first byte, warm: median ${told[10]!.toFixed(0)} ms, worst ${told.at(-1)!.toFixed(0)} ms`);
    expect(told).toHaveLength(20);
  });

  test('a new tab shows it while Drydock is open, and says to keep it open when it is not', async () => {
    const opened = preview.page.context().waitForEvent('page');
    await preview.page.getByRole('button', { name: 'Open in new tab' }).click();
    const tab = await opened;
    await tab.getByRole('heading', { name: 'Hello from the container' }).waitFor({ timeout: 30_000 });
    expect(new URL(tab.url()).pathname).toBe('/preview/8888/');
    await tab.getByRole('link', { name: 'Other' }).click();
    await tab.getByRole('heading', { name: 'Other' }).waitFor();
    await tab.close();
    const other = await browser.newContext();
    const lone = await other.newPage();
    await lone.goto(server.url);
    await lone.evaluate(() => navigator.serviceWorker.register('service-worker.js').then(() => navigator.serviceWorker.ready));
    // While it is on its way, the page that a tab leaves is still there.
    await lone.goto('about:blank');
    await lone.goto(`${server.url}preview/8888/x`);
    await lone.getByRole('heading', { name: 'localhost:8888/x needs Drydock' }).waitFor();
    expect(await lone.getByText(/keep it open in a tab/).count()).toBe(1);
    await other.close();
  });

  test('a link that a program prints opens in the pane', async () => {
    await preview.learner.enter('echo http://127.0.0.1:8888/other', /8888\/other/);
    await preview.learner.clickInTerminal('http://127.0.0.1:8888/other');
    await preview.shows('Other');
  });

  describe('WebSockets', () => {
    /** Opens one in the page of the container, sends what it is to send when it is open, and gives what came until it was closed. */
    const talk = (url: string, sent: readonly string[], protocols: readonly string[] = []) =>
      frame.evaluate(
        async ([address, texts, offered]) => {
          const socket = new WebSocket(address, [...offered]);
          const told: string[] = [];
          const closed = new Promise<CloseEvent>(resolve => socket.addEventListener('close', resolve));
          socket.addEventListener('error', () => told.push('error'));
          socket.onopen = () => texts.forEach(text => socket.send(text));
          socket.onmessage = event => told.push(String(event.data));
          const { code, reason, wasClean } = await closed;
          return { told, code, reason, wasClean, protocol: socket.protocol, state: socket.readyState, isSocket: socket instanceof WebSocket };
        },
        [url, sent, protocols] as const,
      );

    test('reach the container from a page with a strict policy, as its address says', async () => {
      frame = await show('localhost:8888/sockets', 'Sockets');
      await expect.poll(() => frame.locator('#said').innerText()).toBe('hello');
      expect(await frame.evaluate(() => [typeof WebSocket, WebSocket.name, WebSocket.OPEN, document.scripts.length])).toEqual([
        'function',
        'WebSocket',
        1,
        1,
      ]);
    });

    test('say and hear all, and are closed by the server with code and reason', async () => {
      expect(await talk('ws://localhost:8888/socket', ['one', 'zwei \u{1F433}', 'close 4001 enough'], ['a', 'b'])).toEqual({
        told: ['one', 'zwei \u{1F433}'],
        code: 4001,
        reason: 'enough',
        wasClean: true,
        protocol: 'b',
        state: 3,
        isSocket: true,
      });
    });

    test('carry bytes both ways, a megabyte at once', async () => {
      const sum = await frame.evaluate(async () => {
        const socket = new WebSocket('/socket');
        socket.binaryType = 'arraybuffer';
        await new Promise(resolve => socket.addEventListener('open', resolve));
        const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
        socket.send(new Blob([bytes]));
        const { data } = await new Promise<MessageEvent<ArrayBuffer>>(resolve => (socket.onmessage = resolve));
        socket.close(1000, 'done');
        const { wasClean } = await new Promise<CloseEvent>(resolve => (socket.onclose = resolve));
        const back = new Uint8Array(data);
        return [back.length, back.every((byte, index) => byte === index % 251), wasClean, socket.bufferedAmount];
      });
      expect(sum).toEqual([1_000_000, true, true, 0]);
    });

    test('come with the origin and the cookies of the page', async () => {
      await frame.evaluate(() => fetch('/visit'));
      const { told } = await talk('ws://localhost:8888/socket', ['?', 'close 1000 .']);
      expect(JSON.parse(told[0]!)).toMatchObject({
        host: 'localhost:8888',
        origin: 'http://localhost:8888',
        cookie: expect.stringContaining('count=') as string,
      });
    });

    test('to what is no WebSocket fail as everywhere, and wrong calls are refused', async () => {
      expect(await talk('ws://localhost:8888/about', [])).toMatchObject({ told: ['error'], code: 1006, wasClean: false });
      expect(await talk('ws://localhost:4711/', [])).toMatchObject({ told: ['error'], code: 1006 });
      const names = await frame.evaluate(() => {
        const nameOf = (work: () => unknown): string => {
          try {
            work();
            return 'none';
          } catch (error) {
            return (error as Error).name;
          }
        };
        const socket = new WebSocket('/socket');
        return [
          nameOf(() => new WebSocket('ftp://localhost:8888/')),
          nameOf(() => new WebSocket('/socket', ['a', 'a'])),
          nameOf(() => socket.send('too early')),
          nameOf(() => socket.close(1)),
        ];
      });
      expect(names).toEqual(['SyntaxError', 'SyntaxError', 'InvalidStateError', 'InvalidAccessError']);
    });

    test('end when their page is left', async () => {
      await frame.evaluate(() => void new WebSocket('/socket'));
      const other = await show('localhost:8888/other', 'Other');
      frame = other;
      const openSockets = (): Promise<number> => other.evaluate(async () => ((await (await fetch('/state')).json()) as { sockets: number }).sockets);
      await expect.poll(openSockets).toBe(0);
    });
  });

  test('document.cookie has what scripts may see, and what they write is sent', async () => {
    frame = await show('localhost:8888/about?x=cookies', 'About cookies');
    expect(await frame.evaluate(() => document.cookie)).toBe('other=a%20b');
    const sent = await frame.evaluate(async () => {
      document.cookie = 'mine=1; path=/';
      document.cookie = 'count=99';
      const { headers } = (await (await fetch('/echo')).json()) as { headers: Record<string, string> };
      return [document.cookie, headers['cookie']];
    });
    expect(sent[0]).toContain('mine=1');
    expect(sent[1]).toMatch(/mine=1/);
    expect(sent[1]).not.toMatch(/count=99/);
    await expect.poll(() => frame.evaluate(() => document.cookie)).toBe('other=a%20b; mine=1');
  });

  describe('requests and console', () => {
    const tools = (): Locator => preview.page.getByRole('region', { name: 'Requests and console' });

    test('what a page asks for is listed, with the headers of both ways', async () => {
      frame = await show('localhost:8888/about?x=tools', 'About tools');
      await preview.page.getByRole('button', { name: 'Requests and console' }).click();
      await tools().getByRole('button', { name: 'Clear' }).click();
      await tools()
        .getByText(/appears here/)
        .waitFor();
      await frame.evaluate(() => fetch('/status?code=404', { headers: { 'X-Asked': 'so' } }).then(answer => answer.text()));
      const row = tools().getByRole('row').filter({ hasText: 'GET localhost:8888/status?code=404' });
      await expect.poll(() => row.getByRole('cell').nth(1).innerText()).toBe('404');
      expect(await row.getByRole('cell').nth(3).innerText()).toBe('10 B');
      await row.getByRole('button').click();
      await tools().getByRole('row', { name: 'x-own yes', exact: true }).waitFor();
      expect(await tools().getByRole('row', { name: 'x-asked so', exact: true }).count()).toBe(1);
    });

    test('what its scripts write, and what goes wrong in them, stands in the console', async () => {
      await tools().getByRole('tab', { name: 'Console' }).click();
      await frame.evaluate(() => {
        console.log('hello', { whale: [1, 2] });
        console.warn('careful');
        setTimeout(() => {
          throw new Error('boom');
        });
        void Promise.reject(new TypeError('unseen'));
      });
      for (const text of ['hello {whale: [1, 2]}', 'careful', /Uncaught Error: boom/, 'Uncaught (in promise) TypeError: unseen']) {
        await tools().getByRole('listitem').filter({ hasText: text }).first().waitFor();
      }
      const { violations } = await new AxeBuilder({ page: preview.page }).include('.page-tools').analyze();
      expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      await tools().getByRole('button', { name: 'Close requests and console' }).click();
    });

    test('a page is shown as wide as on a phone', async () => {
      await preview.page.getByRole('button', { name: 'Width of the page' }).click();
      await preview.page.getByRole('menuitemcheckbox', { name: /^Phone/ }).click();
      await expect.poll(() => frame.evaluate(() => innerWidth)).toBe(390);
      await preview.page.getByRole('button', { name: 'Width of the page' }).click();
      await preview.page.getByRole('menuitemcheckbox', { name: /^As wide/ }).click();
      await expect.poll(() => frame.evaluate(() => innerWidth)).not.toBe(390);
    });
  });

  test('a port that nobody published: how to, and what there is', async () => {
    const nothing = await show('localhost:5000', 'Nothing is published at localhost:5000');
    expect(await nothing.locator('pre').innerText()).toBe('docker run -p 5000:5000 IMAGE');
    // 5000 is the port inside the container: its link leads to the one outside.
    await nothing.getByRole('link', { name: 'localhost:8888' }).click();
    await preview.shows('Hello from the container');
  });

  test('what is no port of the sandbox is not gone to', async () => {
    await preview.go('https://example.com');
    await preview.page.getByText(/There is no internet in here/).waitFor();
    await preview.page.keyboard.press('Escape');
    await expect.poll(() => preview.address()).toBe('localhost:8888/');
  });

  test('a published port in which nothing listens yet', async () => {
    await preview.learner.enter('docker run -d --name idle -p 9999:80 busybox sleep 600', /^[0-9a-f]{64}$/m);
    await preview.page.getByRole('button', { name: 'localhost:9999' }).click();
    const page = await preview.shows('localhost:9999 does not answer');
    expect(await page.locator('body').innerText()).toMatch(/docker logs idle[^]*0\.0\.0\.0/);
    // It waits ever longer.
    await page.getByText(/looks again by itself in [1-4] s/).waitFor();
    await page.getByText(/looks again by itself in 1\d s/).waitFor({ timeout: 60_000 });
    // A program that begins to listen is found without anybody doing anything.
    const serve = `mkdir /www; echo '<h1>Listens now</h1>' > /www/index.html; httpd -h /www -p 80`;
    await preview.learner.enter(`docker exec -d idle sh -c "${serve}"; echo do""ne`, /^done$/m);
    await preview.shows('Listens now');
  });

  test('docker stop takes a port off the list; a restarted engine is listened to again', async () => {
    await preview.learner.enter('docker rm -f idle', /^idle$/m);
    await preview.page.getByRole('button', { name: 'localhost:9999' }).waitFor({ state: 'detached', timeout: 30_000 });
    await preview.learner.enter('kill -9 $(pidof dockerd); until docker ps >/dev/null 2>&1; do sleep 1; done; echo do""ne', /^done$/m);
    await preview.learner.enter('docker rm -f web; echo do""ne', /^done$/m);
    await preview.page.getByRole('button', { name: 'localhost:8888' }).waitFor({ state: 'detached', timeout: 60_000 });
    await preview.publish('again', 8888);
    frame = await show('localhost:8888', 'Hello from the container');
  });

  test('a container that dies in the middle ends the answer in an error', async () => {
    const told = await frame.evaluate(async () => {
      const answer = await fetch('/die');
      const reader = answer.body!.getReader();
      let text = '';
      try {
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += new TextDecoder().decode(piece.value);
        return { text, isWhole: true };
      } catch {
        return { text, isWhole: false };
      }
    });
    expect(told).toEqual({ text: 'the beginning', isWhole: false });
    await preview.page.getByRole('button', { name: 'localhost:8888' }).waitFor({ state: 'detached', timeout: 30_000 });
    await preview.page.getByRole('button', { name: 'Reload' }).click();
    await preview.shows('Nothing is published at localhost:8888');
  });

  test('a second visit, whose page the service worker controls, starts like the first', async () => {
    await preview.page.reload();
    await preview.learner.untilPrompt();
    expect(await preview.page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  });
});

describe('below a path of a site', () => {
  let browser: Browser;
  let server: StaticServer;
  beforeAll(async () => {
    server = await serveSite((request, response) => {
      const path = request.url ?? '/';
      if (path.startsWith('/course/')) request.url = path.slice('/course'.length);
      else response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>The site’s own 404</h1>');
      return !path.startsWith('/course/');
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('absolute links find their way: of a page’s parts, and where the learner goes', async () => {
    const preview = await PreviewLearner.open(browser, `${server.url}course/`);
    await preview.publish('web', 8888);
    await preview.go('localhost:8888');
    const frame = await preview.shows('Hello from the container');
    await expect.poll(() => frame.evaluate(() => document.body.dataset['script'])).toBe('ran');
    await frame.getByRole('link', { name: 'About' }).click();
    await preview.shows('About 1');
    await expect.poll(() => preview.address()).toBe('localhost:8888/about?x=1');
    await preview.page.context().close();
  });
});

describe('a second origin for pages of containers', () => {
  let browser: Browser;
  let app: StaticServer;
  let second: StaticServer;
  let preview: PreviewLearner;
  /** Answers config.json as whoever runs the sites would have written it. */
  const configured =
    (config: () => object): Interceptor =>
    (request, response) => {
      if (request.url !== '/config.json') return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(config()));
      return true;
    };
  beforeAll(async () => {
    app = await serveSite(configured(() => ({ previewSite: second.url })));
    second = await serveSite(configured(() => ({ appSite: app.url })));
    browser = await launchChromium();
    preview = await PreviewLearner.open(browser, app.url);
    preview.isSecondOrigin = true;
    await preview.publish('web', 8888);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await second?.close();
  });

  test('pages have its origin, and reach nothing of Drydock', async () => {
    await preview.page.getByRole('button', { name: 'localhost:8888' }).click();
    const frame = await preview.shows('Hello from the container');
    const told = await frame.evaluate(async () => {
      const reach = (what: () => unknown): string => {
        try {
          return String(what());
        } catch (error) {
          return (error as Error).name;
        }
      };
      return { origin, top: reach(() => top!.document.title), databases: (await indexedDB.databases()).length, keys: localStorage.length };
    });
    expect(told).toEqual({ origin: new URL(second.url).origin, top: 'SecurityError', databases: 0, keys: 0 });
    // Its pages go through the second origin's service worker; the page's own keeps what is needed without a network.
    expect(await frame.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope))).toEqual([second.url]);
  });

  test('links, the address bar, back, a form', async () => {
    let frame = await preview.shows('Hello from the container');
    await frame.getByRole('link', { name: 'About' }).click();
    await preview.shows('About 1');
    await expect.poll(() => preview.address()).toBe('localhost:8888/about?x=1');
    await preview.page.getByRole('button', { name: 'Back' }).click();
    frame = await preview.shows('Hello from the container');
    await frame.getByRole('button', { name: 'Send' }).click();
    await preview.shows('Thanks A & b');
    await preview.go(':5000');
    await preview.shows('Nothing is published at localhost:5000');
  });

  test('a new tab works there too', async () => {
    await preview.go('localhost:8888/other');
    await preview.shows('Other');
    const opened = preview.page.context().waitForEvent('page');
    await preview.page.getByRole('button', { name: 'Open in new tab' }).click();
    const tab = await opened;
    await tab.getByRole('heading', { name: 'Other' }).waitFor({ timeout: 30_000 });
    expect(new URL(tab.url()).origin).toBe(new URL(second.url).origin);
    await tab.close();
  });

  test('its frame says nothing to any other site', async () => {
    const stranger = await serveFolder('/nowhere', 0, (_, response) => {
      const script = `window.heard = []; addEventListener('message', event => heard.push(event.data));`;
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<script>${script}</script><iframe src="${second.url}preview.html"></iframe>`);
      return true;
    });
    const page = await (await browser.newContext()).newPage();
    const refusal = page.waitForEvent('console', { predicate: message => message.text().includes('postMessage'), timeout: 30_000 });
    await page.goto(stranger.url);
    // The frame has spoken, to the one origin it may speak to; the browser kept it from this one.
    expect((await refusal).text()).toMatch(/target origin/);
    expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([]);
    await page.context().close();
    await stranger.close();
  });
});

test('without service workers the pane says so, in a sentence', async () => {
  const server = await serveSite();
  const browser = await launchChromium();
  const context = await browser.newContext();
  const learner = new LearnerPage(await context.newPage());
  await learner.page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
  await learner.page.goto(server.url);
  await learner.page.getByRole('button', { name: 'Browser' }).click();
  await learner.page.getByText(/Pages of containers cannot be shown here: This browser, or its private window, has no service workers/).waitFor();
  await browser.close();
  await server.close();
});
