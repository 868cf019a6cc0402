import type { CookieJar } from './cookie-jar.ts';
import { LivelyPort } from './lively-port.ts';
import type { CookieCall, CookieNews, CookieOrder } from './preview-call.ts';

/** Keeps a page's `document.cookie` and the jar alike; resolves when the page is left. */
export function serveCookies({ route: { path, port } }: CookieCall, messages: MessagePort, jar: CookieJar): Promise<void> {
  let taken = 0;
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
        else if (order.kind === 'set') {
          taken += 1;
          jar.takeFromScript(port, path, order.cookie);
          // Also of one that was refused: the page shows it until it hears this.
          tell();
        }
      },
      leave,
    );
    const tell = (): void => page.send({ kind: 'cookies', cookies: jar.scriptText(port, path), taken });
    const stop = jar.onChange(changed => {
      if (changed === port) tell();
    });
    tell();
  });
}
