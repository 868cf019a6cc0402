import { effect, signal, type Signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

/** What the learner has chosen about the page; kept over visits where the browser allows. */
export class Settings {
  /** Undefined follows the system. */
  readonly theme: Signal<Theme | undefined> = stored<Theme | undefined>('theme', undefined, value => value === 'light' || value === 'dark');
  /** True: Tab leaves the editor or terminal. Not kept: a page that opens with Tab changed would puzzle. */
  readonly tabMovesFocus = signal(false);
  /** Makes a terminal's text readable to a screen reader, at some cost in speed. */
  readonly screenReader: Signal<boolean> = stored('screen-reader', false, value => typeof value === 'boolean');
  readonly filesWidth: Signal<number> = stored('files-width', 220, isLength);
  readonly filesCollapsed: Signal<boolean> = stored('files-collapsed', false, value => typeof value === 'boolean');
  readonly sideWidth: Signal<number> = stored('side-width', 440, isLength);
  /** Closed on a first visit: until something is published, editor and terminals have the room. */
  readonly sideCollapsed: Signal<boolean> = stored('side-collapsed', true, value => typeof value === 'boolean');
  /** The editor's share of the height it has together with the terminals. */
  readonly editorShare: Signal<number> = stored('editor-share', 0.52, isLength);
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
