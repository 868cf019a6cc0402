import { effect } from '@preact/signals';
import type { FitAddon as Fit } from '@xterm/addon-fit';
import type { SearchAddon as Search } from '@xterm/addon-search';
import type { ITheme, Terminal as Xterm } from '@xterm/xterm';
import { parseLoopbackUrl } from '../../core/preview/preview-route.ts';
import type { TerminalSize } from '../../core/protocol/sandbox.ts';
import { currentTheme } from '../ui/theme.ts';
import type { Session } from '../session/session.ts';
import type { TerminalLink, TerminalScreen } from '../session/machine/terminal-link.ts';
import { fontSizeNear, TERMINAL_FONT_SIZE } from '../session/settings.ts';
import { fontStepOf, latinLetterOf, pastedLines } from './terminal-keys.ts';

/** What a widget shows: a way to a terminal, and what a screen reader calls it. */
export interface ShownTerminal {
  readonly link: TerminalLink;
  readonly name: string;
}

/** What the widget tells the pane around it. */
export interface WidgetEvents {
  onSearch(): void;
  /** The browser did not let the page use the clipboard. */
  onClipboardRefused(): void;
  /** A program rang the bell. */
  onBell(): void;
  /** Several lines are to go to a program that takes each at once; resolves to whether they may. */
  onLinesPasted(lines: readonly string[]): Promise<boolean>;
}

/** What Ctrl+S sends (XOFF). */
const CONTROL_S = '\x13';

const decorations = {
  matchBackground: '#b58900',
  activeMatchBackground: '#d9480f',
  matchOverviewRuler: '#b58900',
  activeMatchColorOverviewRuler: '#d9480f',
};

/** One xterm.js in one element, joined to one terminal of a machine. It lives as long as the page, shown or not. */
export class TerminalWidget implements TerminalScreen {
  readonly #terminal: Xterm;
  readonly #fit: Fit;
  readonly #search: Search;
  readonly #link: TerminalLink;
  readonly #session: Session;
  readonly #events: WidgetEvents;

  private constructor(parts: { terminal: Xterm; fit: Fit; search: Search; link: TerminalLink; session: Session; events: WidgetEvents }) {
    this.#terminal = parts.terminal;
    this.#fit = parts.fit;
    this.#search = parts.search;
    this.#link = parts.link;
    this.#session = parts.session;
    this.#events = parts.events;
  }

  /** Loads xterm.js and opens it in an element that must be visible. */
  static async open(container: HTMLElement, { link, name }: ShownTerminal, session: Session, events: WidgetEvents): Promise<TerminalWidget> {
    const { FitAddon, SearchAddon, Terminal, WebLinksAddon } = await import('./xterm.ts');
    const terminal = new Terminal({
      allowProposedApi: true,
      fontFamily: getComputedStyle(container).getPropertyValue('--mono'),
      fontSize: session.settings.terminalFontSize.peek(),
      lineHeight: 1.15,
      scrollback: 5000,
      cursorBlink: false,
      minimumContrastRatio: 4.5,
      // A text that is a link (OSC 8) leads where an address does that stands there itself.
      linkHandler: { activate: (_, uri) => openLink(uri, session) },
      // A binary shown by mistake would fill the browser's console with parsing errors.
      logLevel: 'off',
    });
    const fit = new FitAddon();
    const search = new SearchAddon();
    terminal.loadAddon(fit);
    terminal.loadAddon(search);
    terminal.loadAddon(new WebLinksAddon((_, uri) => openLink(uri, session)));
    terminal.open(container);
    const widget = new TerminalWidget({ terminal, fit, search, link, session, events });
    widget.#wire(name);
    container.addEventListener('paste', event => widget.#onPaste(event), { capture: true });
    widget.#fitTo(container);
    return widget;
  }

  get size(): TerminalSize {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows };
  }

  write(bytes: Uint8Array, onShown: () => void): void {
    this.#terminal.write(bytes, onShown);
  }

  /** A line of the page's own, told apart from the guest's; ends whatever mode a program that is gone had set. */
  note(text: string): void {
    // Only from the alternate screen: elsewhere this would move the cursor to where it once was.
    if (this.#terminal.buffer.active.type === 'alternate') this.#terminal.write('\x1b[?1049l');
    this.#terminal.write('\x1b[!p\x1b[?1000;1002;1003;1004;1006;2004l');
    this.#terminal.write(`\r\n\x1b[0;2m── ${text} ──\x1b[0m\r\n`);
  }

  focus(): void {
    this.#terminal.focus();
  }

  copy(): void {
    const text = this.#terminal.getSelection();
    if (text === '') {
      this.#session.messages.show('Select some text in the terminal first, then copy.');
      return;
    }
    navigator.clipboard.writeText(text).then(
      () => this.#session.messages.announce('Copied.'),
      () => {
        // Older way, for frames that may not use the clipboard: the browser copies the selection of xterm's own field.
        if (!document.execCommand('copy')) this.#events.onClipboardRefused();
      },
    );
  }

  async pasteFromClipboard(): Promise<void> {
    try {
      await this.#pasteAsked(await navigator.clipboard.readText());
    } catch {
      this.#events.onClipboardRefused();
    }
  }

  /** Pastes as the keyboard would: line ends as Enter, bracketed where the shell asked for it. */
  paste(text: string): void {
    this.#terminal.paste(text);
    this.focus();
  }

  /** Pastes; several lines only after a question, unless the program takes them as one text (bracketed paste). */
  async #pasteAsked(text: string): Promise<void> {
    if (!this.#isRisky(text) || (await this.#events.onLinesPasted(pastedLines(text)))) this.paste(text);
    this.focus();
  }

  #isRisky(text: string): boolean {
    return pastedLines(text).length > 1 && !this.#terminal.modes.bracketedPasteMode;
  }

  /** Takes the browser's own paste only where there is something to ask. */
  #onPaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!this.#isRisky(text)) return;
    event.preventDefault();
    event.stopPropagation();
    void this.#pasteAsked(text);
  }

  /** Searches for a text; false if it does not occur. */
  find(text: string, direction: 'next' | 'previous', isTyping = false): boolean {
    if (direction === 'previous') return this.#search.findPrevious(text, { decorations });
    return this.#search.findNext(text, { decorations, incremental: isTyping });
  }

  endSearch(): void {
    this.#search.clearDecorations();
    this.focus();
  }

  #wire(name: string): void {
    const terminal = this.#terminal;
    const { settings } = this.#session;
    terminal.onData(text => {
      this.#link.send(text);
      if (text === CONTROL_S) this.#tellOfControlS();
    });
    terminal.onBell(() => this.#events.onBell());
    terminal.onBinary(text => this.#link.sendBytes(Uint8Array.from(text, character => character.charCodeAt(0))));
    terminal.onResize(({ cols, rows }) => this.#link.resize({ columns: cols, rows }));
    terminal.attachCustomKeyEventHandler(event => this.#onKey(event));
    terminal.textarea?.setAttribute('aria-label', name);
    terminal.textarea?.setAttribute('aria-describedby', 'terminal-help');
    effect(() => {
      terminal.options.theme = themes[currentTheme(settings)];
    });
    effect(() => {
      terminal.options.fontSize = settings.terminalFontSize.value;
      this.#fit.fit();
    });
    effect(() => {
      terminal.options.screenReaderMode = settings.screenReader.value;
    });
  }

  /** False keeps a key from the guest. */
  #onKey(event: KeyboardEvent): boolean {
    if (event.key === 'Tab' && this.#session.settings.tabMovesFocus.value) return false;
    if (!event.ctrlKey || event.altKey) return true;
    const step = fontStepOf(event);
    if (step !== undefined) {
      // The browser would make the whole page larger.
      event.preventDefault();
      if (event.type === 'keydown') this.#changeFontSize(step);
      return false;
    }
    const key = latinLetterOf(event);
    if (!event.shiftKey) return !(key === 'v' && this.#pastesByControlV);
    // The paste itself is the browser's: its event comes to xterm's field, without a question about the clipboard.
    if (key === 'v') return false;
    if (key !== 'c' && key !== 'f') return true;
    // Ctrl+Shift+C would open the browser's developer tools.
    event.preventDefault();
    if (event.type === 'keydown' && key === 'c') this.copy();
    if (event.type === 'keydown' && key === 'f') this.#events.onSearch();
    return false;
  }

  #changeFontSize(step: number | 'first'): void {
    const { terminalFontSize } = this.#session.settings;
    terminalFontSize.value = step === 'first' ? TERMINAL_FONT_SIZE : fontSizeNear(terminalFontSize.value + step);
    this.#session.messages.announce(`Letters of ${terminalFontSize.value} pixels.`);
  }

  /** A terminal that shows nothing any more puzzles whoever pressed the key for "save". */
  #tellOfControlS(): void {
    if (this.#terminal.buffer.active.type === 'alternate') return;
    this.#session.messages.show('Ctrl+S holds the output of a terminal. Press Ctrl+Q to go on. Files are saved as you type.');
  }

  /** A program that fills the screen, as vi does, has a use of its own for Ctrl+V. */
  get #pastesByControlV(): boolean {
    return this.#session.settings.controlVPastes.value && this.#terminal.buffer.active.type !== 'alternate';
  }

  #fitTo(container: HTMLElement): void {
    let isAsked = false;
    const fit = (): void => {
      isAsked = false;
      // A hidden terminal has no size: it keeps the one it had.
      if (container.clientWidth > 0 && container.clientHeight > 0) this.#fit.fit();
    };
    new ResizeObserver(() => {
      if (isAsked) return;
      isAsked = true;
      requestAnimationFrame(fit);
    }).observe(container);
    fit();
  }
}

/** A program that prints `http://localhost:5000` means a port of the machine, which the pane shows; others are the browser's. */
function openLink(uri: string, session: Session): void {
  const route = parseLoopbackUrl(uri);
  if (route === undefined) open(uri, '_blank', 'noopener');
  else session.preview.open(route);
}

/** The page's colours (ui/base.css) for the terminal; the sixteen are chosen to be read on their ground. */
const themes: Record<'light' | 'dark', ITheme> = {
  light: {
    background: '#fcfbf9',
    foreground: '#1b2631',
    cursor: '#a63d11',
    cursorAccent: '#fcfbf9',
    selectionBackground: '#cfdcec',
    black: '#1b2631',
    red: '#a11d2c',
    green: '#1f6b3a',
    yellow: '#7a5200',
    blue: '#1459a8',
    magenta: '#8a2a7d',
    cyan: '#0f6470',
    white: '#55616d',
    brightBlack: '#6a7580',
    brightRed: '#c0303f',
    brightGreen: '#2b7f48',
    brightYellow: '#8f6300',
    brightBlue: '#2a6cc0',
    brightMagenta: '#a23c94',
    brightCyan: '#1b7784',
    brightWhite: '#2b3743',
  },
  dark: {
    background: '#111922',
    foreground: '#dce5ed',
    cursor: '#ff9a5c',
    cursorAccent: '#111922',
    selectionBackground: '#34506f',
    black: '#2a3848',
    red: '#ff8a8f',
    green: '#8bd3a0',
    yellow: '#f0c15a',
    blue: '#82b4f5',
    magenta: '#d9a1e0',
    cyan: '#79cfd8',
    white: '#c5d0da',
    brightBlack: '#7f91a3',
    brightRed: '#ffa5a8',
    brightGreen: '#a5e3b6',
    brightYellow: '#f7d485',
    brightBlue: '#a6cbfa',
    brightMagenta: '#e8bced',
    brightCyan: '#9fe2e8',
    brightWhite: '#ffffff',
  },
};
