/**
 * The page `preview.html` on a second origin: a frame around the pages of containers, with a service worker of that origin. Drydock on the
 * first origin gives it one channel; nothing of Drydock lies on this origin, so a container's page can reach nothing of it.
 */
import { messageOf } from '../../../core/base/errors.ts';
import { FRAME_SANDBOX, PageFrame } from '../page-frame.ts';
import { listenToServiceWorker, registerServiceWorker } from '../../session/preview/service-worker-registration.ts';
import { readSiteConfig } from '../../session/preview/site-config.ts';
import type { FrameOrder, FrameReport, HandshakeMessage } from './frame-messages.ts';

const site = new URL('.', location.href).href;

function say(text: string): void {
  const paragraph = document.createElement('p');
  paragraph.textContent = text;
  document.body.append(paragraph);
}

/** Waits for Drydock's answer to our word that we are ready: from the window around us, and from the one origin that may. */
function channelFrom(appOrigin: string): Promise<MessagePort> {
  return new Promise(resolve => {
    addEventListener('message', (event: MessageEvent<HandshakeMessage>) => {
      const [port] = event.ports;
      const isDrydock = event.source === window.parent && event.origin === appOrigin;
      if (isDrydock && event.data.kind === 'drydock-preview-channel' && port !== undefined) resolve(port);
    });
    tell({ kind: 'drydock-preview-ready' }, appOrigin);
  });
}

function tell(message: HandshakeMessage, appOrigin: string): void {
  window.parent.postMessage(message, appOrigin);
}

function serve(port: MessagePort): void {
  const frame = document.createElement('iframe');
  frame.title = 'Page of a container';
  frame.setAttribute('sandbox', FRAME_SANDBOX);
  document.body.append(frame);
  const report = (message: FrameReport, transfer: Transferable[] = []): void => port.postMessage(message, transfer);
  listenToServiceWorker({ onCall: (call, answers) => report(call, [answers]), onReport: told => report(told) });
  const page = new PageFrame(frame, site, state => report({ kind: 'state', state }));
  port.onmessage = (event: MessageEvent<FrameOrder>) => {
    const order = event.data;
    if (order.kind === 'go') page.go(order.route);
    else page[order.kind]();
  };
}

async function main(): Promise<void> {
  const { appSite } = await readSiteConfig(site);
  if (appSite === undefined || window.parent === window) {
    say('This address shows pages of containers inside Drydock, and nothing by itself.');
    return;
  }
  const appOrigin = new URL(appSite).origin;
  try {
    await registerServiceWorker(site);
    serve(await channelFrom(appOrigin));
  } catch (error) {
    tell({ kind: 'drydock-preview-failed', message: messageOf(error) }, appOrigin);
  }
}

void main();
