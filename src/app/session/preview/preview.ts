import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf } from '../../../core/base/errors.ts';
import type { OpenPort, PreviewCall } from '../../../core/preview/preview-call.ts';
import type { PageReport } from '../../../core/preview/page-report.ts';
import { inSandbox, type PreviewRoute } from '../../../core/preview/preview-route.ts';
import { PageLog } from './page-log.ts';

/** What the frame of the browser pane shows. */
export interface FrameState {
  /** `outside` is a page that no container serves: its address cannot be read. */
  readonly kind: 'blank' | 'page' | 'outside';
  /** As a learner knows it: `localhost:8888/x`. */
  readonly address: string;
  /** The place behind a port; undefined unless it is a page. */
  readonly route: PreviewRoute | undefined;
  readonly title: string;
  readonly isLoading: boolean;
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
}

export const BLANK_FRAME: FrameState = {
  kind: 'blank',
  address: '',
  route: undefined,
  title: '',
  isLoading: false,
  canGoBack: false,
  canGoForward: false,
};

/** The frame of the pane, wherever its pages come from. */
export interface FrameControl {
  go(route: PreviewRoute): void;
  back(): void;
  forward(): void;
  reload(): void;
  dispose(): void;
}

/** What the frame and the service worker tell. */
export interface PreviewEvents {
  onState(state: FrameState): void;
  onCall(call: PreviewCall, port: MessagePort): void;
  onReport(report: PageReport): void;
}

/** Where pages of published ports are shown: this site, or a second origin that a site may have for them. */
export interface PreviewSite {
  readonly url: string;
  readonly isSecondOrigin: boolean;
}

export interface PreviewOptions {
  /** Names this page's machine among several; undefined where there is one. */
  readonly sandbox: string | undefined;
  readonly ports: ReadonlySignal<readonly OpenPort[]>;
  /** Finds the site and makes its service worker ready; rejects with a sentence for the learner. */
  findSite(): Promise<PreviewSite>;
  onCall(call: PreviewCall, port: MessagePort): void;
  /** Something is published for the first time. */
  onFirstPort(port: OpenPort): void;
  /** The learner wants to see a page: its pane comes to the front. */
  showPane(): void;
}

/** The browser pane without its view: which ports there are, what is shown, and what stands in the way. */
export class Preview implements PreviewEvents {
  readonly #options: PreviewOptions;
  readonly #frame = signal<FrameState>(BLANK_FRAME);
  readonly #problem = signal<string | undefined>(undefined);
  readonly #site = signal<PreviewSite | undefined>(undefined);
  #finding: Promise<PreviewSite | undefined> | undefined;
  #control: FrameControl | undefined;
  /** Asked for before there was a frame. */
  #wanted: PreviewRoute | undefined;

  constructor(options: PreviewOptions) {
    this.#options = options;
    let hadPort = false;
    effect(() => {
      const [first] = options.ports.value;
      if (first === undefined || hadPort) return;
      hadPort = true;
      void this.prepare();
      options.onFirstPort(first);
    });
  }

  readonly frame: ReadonlySignal<FrameState> = computed(() => this.#frame.value);
  /** Why no page can be shown, in the learner's words. */
  readonly problem: ReadonlySignal<string | undefined> = computed(() => this.#problem.value);
  readonly site: ReadonlySignal<PreviewSite | undefined> = computed(() => this.#site.value);
  /** False where a tab of its own would not find the machine. */
  get opensTabs(): boolean {
    return this.#options.sandbox === undefined;
  }

  get ports(): ReadonlySignal<readonly OpenPort[]> {
    return this.#options.ports;
  }

  /** Makes ready what pages of published ports need. Not before something needs it: the first load of Drydock is not to wait for it. */
  async prepare(): Promise<void> {
    this.#finding ??= this.#options.findSite();
    try {
      this.#site.value = await this.#finding;
      this.#problem.value = undefined;
    } catch (error) {
      // What stood in the way may be gone when it is next wanted.
      this.#finding = undefined;
      this.#problem.value = messageOf(error);
    }
  }

  /** Shows a page in the pane. */
  open(route: PreviewRoute): void {
    this.#options.showPane();
    void this.prepare();
    const own = inSandbox(route, this.#options.sandbox);
    if (this.#control === undefined) this.#wanted = own;
    else this.#control.go(own);
  }

  /** Gives the pane's frame, which from then on shows what is opened. */
  attach(control: FrameControl): void {
    this.#control = control;
    if (this.#wanted !== undefined) control.go(this.#wanted);
    this.#wanted = undefined;
  }

  back(): void {
    this.#control?.back();
  }

  forward(): void {
    this.#control?.forward();
  }

  reload(): void {
    this.#control?.reload();
  }

  readonly onState = (state: FrameState): void => {
    this.#frame.value = state;
  };

  /** What pages of containers ask for, and what they say to their console. */
  readonly log = new PageLog();

  readonly onReport = (report: PageReport): void => {
    // Every page of Drydock hears of every page of a container.
    if (report.route.sandbox === this.#options.sandbox) this.log.take(report);
  };

  readonly onCall = (call: PreviewCall, port: MessagePort): void => this.#options.onCall(call, port);
}
