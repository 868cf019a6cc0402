import { escaped, ownPage } from '../core/preview/own-page.ts';
import type { NotHere, OpenPort } from '../core/preview/preview-call.ts';
import { inSandbox, previewUrl, shownAddress, type PreviewRoute } from '../core/preview/preview-route.ts';
import { LOOK_AGAIN } from './look-again.ts';
import type { Answer } from './sandbox-channel.ts';

const BAD_GATEWAY = 502;
const SERVICE_UNAVAILABLE = 503;
const GATEWAY_TIMEOUT = 504;

/** What is shown where a port gives no answer: why, and what to do. */
export function failurePage(site: string, route: PreviewRoute, { code, message, ports }: Answer & { kind: 'failed' }): Response {
  const address = `localhost:${route.port}`;
  const published = ports.find(({ hostPort, protocol }) => hostPort === route.port && protocol === 'tcp');
  const tcpPorts = ports.filter(({ protocol }) => protocol === 'tcp');
  if (code === 'timed-out') {
    return page(
      `${address} takes too long`,
      [text(message), text('The program may be stuck. See what it says with '), command(logsOf(published))],
      GATEWAY_TIMEOUT,
    );
  }
  if (code === 'machine-stopped' || code === 'cancelled') {
    return page(`${address} is gone`, [text(message), text('Restart the machine, start the container again, then reload this page.')], BAD_GATEWAY);
  }
  if (published === undefined) return page(`Nothing is published at ${address}`, notPublished(site, route, tcpPorts), BAD_GATEWAY);
  return page(`${address} does not answer`, notListening(published, message), BAD_GATEWAY);
}

/** What is shown where no page has a running sandbox. */
export function noSandboxPage(route: PreviewRoute, absence: Exclude<NotHere, 'other-sandbox'>): Response {
  const reasons: Record<typeof absence, string> = {
    'no-page': 'The containers run in the Drydock page: keep it open in a tab of this browser, start the container there, then reload this page.',
    off: 'The machine in the Drydock page is off, or Drydock is used in another tab. Start it there, then reload this page.',
    starting: 'The machine in the Drydock page is still starting. Reload this page in a moment.',
    'other-version': 'Drydock was updated meanwhile: reload the Drydock page, then this one.',
  };
  return page(`${shownAddress(route)} needs Drydock`, [text(reasons[absence])], SERVICE_UNAVAILABLE);
}

function notPublished(site: string, { port, path, sandbox }: PreviewRoute, ports: readonly OpenPort[]): readonly string[] {
  const inside = ports.filter(({ containerPort }) => containerPort === port);
  const link = (open: OpenPort): string =>
    `<a href="${escaped(previewUrl(site, inSandbox({ port: open.hostPort, path }, sandbox)))}">localhost:${open.hostPort}</a>`;
  const about = inside.map(
    open => `<p>${port} is the port <em>inside</em> the container <code>${escaped(open.container)}</code>. Outside it is ${link(open)}.</p>`,
  );
  const others = ports
    .filter(open => !inside.includes(open))
    .map(open => `<li>${link(open)}, ${escaped(open.container)} (${escaped(open.image)})</li>`);
  return [
    ...about,
    text('A container is reached from outside when one of its ports is published as it is started:'),
    command(`docker run -p ${port}:5000 IMAGE`),
    text(`This makes port 5000 of the container localhost:${port}. The second number must be the port that the program in the container listens on.`),
    ...(others.length === 0 ? [] : [text('Published now:'), `<ul>${others.join('')}</ul>`]),
  ];
}

function notListening(published: OpenPort, message: string): readonly string[] {
  const { container, containerPort } = published;
  return [
    `<p>Port ${containerPort} of the container <code>${escaped(container)}</code> is published here, but no program in it answers. It may</p>`,
    `<ul><li>still be starting,</li><li>have failed: <code>${escaped(logsOf(published))}</code> shows what it said,</li>` +
      `<li>listen on another port than ${containerPort}, or only on 127.0.0.1 <em>inside</em> the container: it must listen on 0.0.0.0.</li></ul>`,
    // A program that is still starting listens sooner or later.
    LOOK_AGAIN,
    `<p class="detail">${escaped(message)}</p>`,
  ];
}

function logsOf(published: OpenPort | undefined): string {
  return `docker logs ${published?.container ?? 'CONTAINER'}`;
}

function text(words: string): string {
  return `<p>${escaped(words)}</p>`;
}

function command(line: string): string {
  return `<pre>${escaped(line)}</pre>`;
}

function page(title: string, parts: readonly string[], status: number): Response {
  return new Response(ownPage(title, parts), { status, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } });
}
