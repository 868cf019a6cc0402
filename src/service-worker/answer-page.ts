import { PREVIEW_VERSION, type FirstMessage, type PageAsk, type PageConsole, type PreviewCall } from '../core/preview/preview-call.ts';
import { socketHeaders } from '../core/preview/preview-headers.ts';
import { inSandbox, parsePreviewUrl, type PreviewRoute } from '../core/preview/preview-route.ts';
import type { ConsoleLine } from '../core/preview/page-report.ts';
import { hostPages } from './host-pages.ts';

/** Hands on what a page of a container asks for beside its requests, with its end of the channel: from then on the two speak to each other. */
export async function answerPage(site: string, pageUrl: string, ask: PageAsk, port: MessagePort): Promise<void> {
  const from = parsePreviewUrl(site, pageUrl);
  const page = (await hostPages(site))[ask.attempt];
  if (from === undefined || page === undefined) {
    const answer: FirstMessage = { kind: 'not-here', why: 'no-page' };
    port.postMessage(answer);
    port.close();
  } else page.postMessage(callOf(ask, from), [port]);
}

/** Tells the pages of Drydock what a page of a container wrote to its console: the one whose machine it comes from shows it. */
export async function tellConsole(site: string, pageUrl: string, { lines }: PageConsole): Promise<void> {
  const route = parsePreviewUrl(site, pageUrl);
  if (route === undefined) return;
  for (const page of await hostPages(site)) {
    for (const { level, text } of lines) {
      const line: ConsoleLine = { kind: 'preview-console', route, level, text };
      page.postMessage(line);
    }
  }
}

function callOf(ask: PageAsk, from: PreviewRoute): PreviewCall {
  const version = PREVIEW_VERSION;
  if (ask.kind === 'ask-cookies') return { kind: 'preview-cookies', version, route: from };
  // A page speaks to the machine it came from, whatever it says.
  const route = inSandbox(ask.route, from.sandbox);
  const { languages, userAgent } = navigator;
  return {
    kind: 'preview-socket',
    version,
    route,
    headers: socketHeaders({ route, from: from.port, userAgent, languages }),
    protocols: ask.protocols,
  };
}
