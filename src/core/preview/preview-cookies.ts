import type { CookieJar } from './cookie-jar.ts';
import { LivelyPort } from './lively-port.ts';
import type { CookieCall, CookieNews, CookieOrder } from './preview-call.ts';

/** Keeps a page's `document.cookie` and the jar alike; resolves when the page is left. */
export function serveCookies({ route: { path, port } }: CookieCall, messages: MessagePort, jar: CookieJar): Promise<void> {
  return new Promise(resolve => {
    const leave = (): void => {
      stop();
      page.close();
      resolve();
    };
    const page = new LivelyPort<CookieOrder, CookieNews>(
      messages,
      order => {
        if (order.kind === 'abort') leave();
        else if (order.kind === 'set') jar.takeFromScript(port, path, order.cookie);
      },
      leave,
    );
    const stop = jar.onChange(changed => {
      if (changed === port) page.send({ kind: 'cookies', cookies: jar.scriptText(port, path) });
    });
    page.send({ kind: 'cookies', cookies: jar.scriptText(port, path) });
  });
}
