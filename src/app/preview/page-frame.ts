import { inSandbox, parseLoopbackUrl, parsePreviewUrl, previewUrl, shownAddress, type PreviewRoute } from '../../core/preview/preview-route.ts';
import { BLANK_FRAME, type FrameControl, type FrameState } from '../session/preview/preview.ts';

/**
 * What a page in the frame may do: everything but move the window around it. This is no wall, because a page of the same origin can reach
 * its parent; it keeps a page that breaks out of frames, as some do, from taking Drydock away.
 */
export const FRAME_SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads';

/** A page that is left may turn out to be a download: the frame then keeps what it shows, and nobody tells. */
const DOWNLOAD_MILLISECONDS = 20_000;

/** How often it is looked whether the next document is there. */
const COMMIT_MILLISECONDS = 20;

/** A frame whose pages have the origin of the document around it. It keeps its own history: the browser's would lead out of Drydock. */
export class PageFrame implements FrameControl {
  readonly #frame: HTMLIFrameElement;
  readonly #site: string;
  readonly #onState: (state: FrameState) => void;
  readonly #history: string[] = [];
  #index = -1;
  #state = BLANK_FRAME;
  #downloadTimer: ReturnType<typeof setTimeout> | undefined;
  #commitTimer: ReturnType<typeof setInterval> | undefined;
  #watched: Document | undefined;

  constructor(frame: HTMLIFrameElement, site: string, onState: (state: FrameState) => void) {
    this.#frame = frame;
    this.#site = site;
    this.#onState = onState;
    frame.addEventListener('load', this.#onLoad);
  }

  go(route: PreviewRoute): void {
    this.#navigate(previewUrl(this.#site, route));
  }

  back(): void {
    this.#travel(this.#index - 1);
  }

  forward(): void {
    this.#travel(this.#index + 1);
  }

  reload(): void {
    const url = this.#history[this.#index];
    if (url !== undefined) this.#navigate(url);
  }

  dispose(): void {
    clearTimeout(this.#downloadTimer);
    clearInterval(this.#commitTimer);
    this.#frame.removeEventListener('load', this.#onLoad);
  }

  #travel(index: number): void {
    const url = this.#history[index];
    if (url === undefined) return;
    this.#index = index;
    this.#navigate(url);
  }

  #navigate(url: string): void {
    this.#setLoading();
    const route = parsePreviewUrl(this.#site, url);
    if (route !== undefined) this.#set({ ...this.#state, address: shownAddress(route) });
    const { contentWindow } = this.#frame;
    // An address with a fragment would only scroll. Replaced, not added: the browser's own Back is not to collect these.
    if (url === this.#href() && url.includes('#')) contentWindow?.location.reload();
    else contentWindow?.location.replace(url);
    this.#watchFromCommit();
  }

  readonly #onLoad = (): void => {
    clearTimeout(this.#downloadTimer);
    clearInterval(this.#commitTimer);
    const href = this.#href();
    if (href === 'about:blank') return;
    if (href === undefined) return this.#set({ ...BLANK_FRAME, kind: 'outside', canGoBack: this.#index >= 0 });
    if (parsePreviewUrl(this.#site, href) === undefined) return this.#bringBack(href);
    this.#watch();
    this.#show(false);
  };

  /** A link to `/about` has left the port, where no service worker saw it. */
  #bringBack(href: string): void {
    const from = parsePreviewUrl(this.#site, this.#history[this.#index] ?? '');
    const { pathname, search, hash } = new URL(href);
    if (from !== undefined) this.#navigate(previewUrl(this.#site, { ...from, path: pathname + search }) + hash);
  }

  /** Undefined where the frame shows another origin. */
  #href(): string | undefined {
    try {
      return this.#frame.contentWindow?.location.href;
    } catch {
      return undefined;
    }
  }

  /** A page can be clicked long before all of its parts are here: its links are watched as soon as its document is. */
  #watchFromCommit(): void {
    clearInterval(this.#commitTimer);
    const end = Date.now() + DOWNLOAD_MILLISECONDS;
    this.#commitTimer = setInterval(() => {
      if (Date.now() > end) clearInterval(this.#commitTimer);
      const href = this.#href();
      if (href === undefined || parsePreviewUrl(this.#site, href) === undefined) return;
      if (this.#watch()) clearInterval(this.#commitTimer);
    }, COMMIT_MILLISECONDS);
  }

  /** False where the document of the frame is watched already. */
  #watch(): boolean {
    const { contentDocument, contentWindow } = this.#frame;
    if (contentWindow === null || contentDocument === null || contentDocument === this.#watched) return false;
    this.#watched = contentDocument;
    const moved = (): void => this.#show(false);
    contentWindow.addEventListener('hashchange', moved);
    contentWindow.addEventListener('popstate', moved);
    // Tells of pushState too, where browsers have it.
    (contentWindow as Window & { navigation?: EventTarget }).navigation?.addEventListener('currententrychange', moved);
    contentWindow.addEventListener('beforeunload', () => {
      this.#setLoading();
      this.#downloadTimer = setTimeout(() => this.#show(false), DOWNLOAD_MILLISECONDS);
    });
    // The next page is there, long before all of its parts are: its address is known then.
    contentWindow.addEventListener('pagehide', () => {
      this.#watchFromCommit();
      setTimeout(() => this.#show(true));
    });
    contentDocument.addEventListener('click', event => this.#onClick(event));
    return true;
  }

  /** A link to `http://localhost:5000` means a port of the machine; the browser would look on the learner's own computer. */
  #onClick(event: MouseEvent): void {
    // An element of another window is no Element of this one.
    const link = (event.target as Element | null)?.closest('a');
    // Drydock itself may be served from localhost: what is on its origin is a link of the page's own port.
    const route = link?.href === undefined || link.origin === location.origin ? undefined : parseLoopbackUrl(link.href);
    if (event.defaultPrevented || route === undefined) return;
    event.preventDefault();
    const sandbox = parsePreviewUrl(this.#site, this.#href() ?? '')?.sandbox;
    const isForTab = link?.target === '_blank' || event.ctrlKey || event.metaKey;
    // A tab of its own finds no machine of an embed: browsers keep what is embedded apart from it.
    if (isForTab && sandbox === undefined) open(previewUrl(this.#site, route), '_blank', 'noopener');
    else this.go(inSandbox(route, sandbox));
  }

  #show(isLoading: boolean): void {
    const href = this.#href();
    const route = href === undefined ? undefined : parsePreviewUrl(this.#site, href);
    if (href === undefined || route === undefined) return;
    this.#remember(href);
    const title = this.#frame.contentDocument?.title ?? '';
    this.#set({
      kind: 'page',
      address: shownAddress(route) + new URL(href).hash,
      route,
      title,
      isLoading,
      canGoBack: this.#index > 0,
      canGoForward: this.#index < this.#history.length - 1,
    });
  }

  #remember(href: string): void {
    if (this.#history[this.#index] === href) return;
    this.#index += 1;
    this.#history.splice(this.#index, Number.POSITIVE_INFINITY, href);
  }

  #setLoading(): void {
    clearTimeout(this.#downloadTimer);
    this.#set({ ...this.#state, isLoading: true });
  }

  #set(state: FrameState): void {
    this.#state = state;
    this.#onState(state);
  }
}
