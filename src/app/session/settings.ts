import { effect, signal, type Signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

/** Of the terminals' letters at first, in pixels; and the smallest and largest that can be chosen. */
export const TERMINAL_FONT_SIZE = 13.5;
const FONT_SIZES = { least: 8, most: 32 };

/** A size of letters within what can be chosen. */
export function fontSizeNear(pixels: number): number {
  return Math.min(FONT_SIZES.most, Math.max(FONT_SIZES.least, pixels));
}

/** What a page begins with that keeps no settings, because it is a part of somebody else's. */
export interface InitialSettings {
  readonly theme: Theme | undefined;
}

/** What the learner has chosen about the page; kept over visits where the browser allows. */
export class Settings {
  /** Undefined follows the system. */
  readonly theme: Signal<Theme | undefined>;
  /** True: Tab leaves the editor or terminal. Not kept: a page that opens with Tab changed would puzzle. */
  readonly tabMovesFocus = signal(false);
  /** Makes a terminal's text readable to a screen reader, at some cost in speed. Learners who need it need it in every frame. */
  readonly screenReader: Signal<boolean> = stored('screen-reader', false, isFlag);
  /** Whether Ctrl+V pastes into a terminal; else it is typed there, as Ctrl+V is on a real one. */
  readonly controlVPastes: Signal<boolean> = stored('control-v-pastes', true, isFlag);
  /** Of the terminals' letters, in pixels. */
  readonly terminalFontSize: Signal<number> = stored('terminal-font-size', TERMINAL_FONT_SIZE, isFontSize);
  readonly filesWidth: Signal<number>;
  readonly filesCollapsed: Signal<boolean>;
  readonly lessonWidth: Signal<number>;
  readonly lessonCollapsed: Signal<boolean>;
  /** True once the course was offered, and taken or waved away. */
  readonly courseOffered: Signal<boolean>;
  readonly sideWidth: Signal<number>;
  /** Closed on a first visit: until something is published, editor and terminals have the room. */
  readonly sideCollapsed: Signal<boolean>;
  /** Whether the nearest image answers to the name asked for; undefined follows the site. No lesson sets it. */
  readonly nearestImages: Signal<boolean | undefined>;
  /** Whether the learner wants the servers outside that the site allows. No lesson sets it. */
  readonly network: Signal<boolean>;
  /** The editor's share of the height it has together with the terminals. */
  readonly editorShare: Signal<number>;

  /** `embedded` for a page whose measures are its host's: it neither takes nor changes what was chosen for Drydock's own page. */
  constructor(embedded?: InitialSettings) {
    const setting = <T>(name: string, initial: T, isValid: (value: unknown) => boolean): Signal<T> =>
      embedded === undefined ? stored(name, initial, isValid) : signal(initial);
    this.theme = setting<Theme | undefined>('theme', embedded?.theme, value => value === 'light' || value === 'dark');
    this.filesWidth = setting('files-width', embedded === undefined ? 220 : 170, isLength);
    this.filesCollapsed = setting('files-collapsed', false, isFlag);
    this.lessonWidth = setting('lesson-width', 400, isLength);
    this.lessonCollapsed = setting('lesson-collapsed', false, isFlag);
    this.courseOffered = setting('course-offered', false, isFlag);
    this.sideWidth = setting('side-width', 440, isLength);
    this.sideCollapsed = setting('side-collapsed', true, isFlag);
    this.nearestImages = setting<boolean | undefined>('nearest-images', undefined, isFlag);
    this.network = setting('network', false, isFlag);
    this.editorShare = setting('editor-share', 0.52, isLength);
  }
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isFontSize(value: unknown): boolean {
  return typeof value === 'number' && fontSizeNear(value) === value;
}

function isLength(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** A signal whose value is kept in the browser; one that is not valid counts as none. */
export function stored<T>(name: string, initial: T, isValid: (value: unknown) => boolean): Signal<T> {
  const key = `drydock.${name}`;
  const setting = signal(read(key, initial, isValid));
  let isFirst = true;
  effect(() => {
    const { value } = setting;
    if (!isFirst) write(key, value);
    isFirst = false;
  });
  return setting;
}

function read<T>(key: string, initial: T, isValid: (value: unknown) => boolean): T {
  try {
    const text = localStorage.getItem(key);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return isValid(value) ? (value as T) : initial;
  } catch {
    // Storage refused, or a value that someone else wrote: the setting is then as on a first visit.
    return initial;
  }
}

function write(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The choice then lasts as long as the page.
  }
}
