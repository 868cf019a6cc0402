import { Lab } from '../../../core/lab/lab.ts';
import { CookieJar } from '../../../core/preview/cookie-jar.ts';
import { PreviewServer } from '../../../core/preview/preview-server.ts';
import type { Opened } from './lab.ts';
import { loadRemoteVm } from './remote-vm.ts';

/** Makes the lab. A file of its own: the page loads it, and what it needs, when somebody goes to the lab. */
export function openLab(baseUrl: string): Opened {
  const lab = new Lab(() => loadRemoteVm(baseUrl));
  // Whatever port the page names, the machine has one server.
  const previews = new PreviewServer({ dial: () => lab.dialVm(':80'), ports: () => Promise.resolve([]) }, new CookieJar());
  return { lab, previews };
}
