/**
 * What runs first in each page of a container that the Browser pane shows: the service worker puts it there. It gives the page what no service worker
 * can: WebSockets that reach containers, and the cookies of the sandbox in `document.cookie`. And it tells the pane what the page writes
 * to its console.
 */
import { tellConsole } from './page-console.ts';
import { linkCookies } from './page-cookies.ts';
import type { PageFacts } from './page-facts.ts';
import { installSockets } from './page-socket.ts';
import { SandboxLink } from './sandbox-link.ts';

/** Begins, before any script of the page itself. */
export function begin({ cookies, site }: PageFacts): void {
  // The page's own scripts are not to find one that they do not know.
  document.currentScript?.remove();
  const link = SandboxLink.here();
  // A frame with an origin of its own has no service worker, and so no way to the sandbox.
  if (link === undefined) return;
  installSockets(site, link);
  linkCookies(cookies, link);
  tellConsole(link.container);
}
