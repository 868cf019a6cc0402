import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';

/** One line of a menu. */
export interface MenuItem {
  readonly label: string;
  readonly keys?: string;
  /** Present on an item that is on or off. */
  readonly checked?: boolean;
  run(): void;
}

interface OpenMenu {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly left: number;
  readonly top: number;
  readonly opener: HTMLElement | null;
}

/** The one menu that may be open. */
const openMenuState = signal<OpenMenu | undefined>(undefined);

/** Opens a menu at a place of the page; focus returns to `opener` when it closes. */
export function openMenu(menu: OpenMenu): void {
  openMenuState.value = menu;
}

/** A button that opens a menu. */
export function MenuButton(props: {
  label: string;
  icon?: IconName;
  text?: string;
  items: () => readonly MenuItem[];
  disabled?: boolean;
}): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = openMenuState.value?.opener === button.current && button.current !== null;
  const open = (): void => {
    const place = button.current?.getBoundingClientRect();
    if (place === undefined) return;
    openMenu({ label: props.label, items: props.items(), left: place.left, top: place.bottom + 2, opener: button.current });
  };
  return (
    <button
      ref={button}
      type="button"
      class="button plain"
      aria-haspopup="menu"
      aria-expanded={isOpen}
      aria-label={props.text === undefined ? props.label : undefined}
      title={props.label}
      disabled={props.disabled}
      onClick={open}
      onKeyDown={event => {
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
        event.preventDefault();
        open();
      }}
    >
      {props.icon !== undefined && <Icon name={props.icon} />}
      {props.text}
    </button>
  );
}

/** Where menus appear; once on the page. */
export function MenuHost(): JSX.Element | null {
  const menu = openMenuState.value;
  return menu === undefined ? null : <Menu key={`${menu.left},${menu.top}`} menu={menu} />;
}

/** Where the focus goes by a key, among `count` items. */
function nextIndex(key: string, index: number, count: number): number | undefined {
  if (key === 'ArrowDown') return (index + 1) % count;
  if (key === 'ArrowUp') return (index - 1 + count) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return undefined;
}

function Menu({ menu }: { menu: OpenMenu }): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLElement[] => [...(element.current?.querySelectorAll<HTMLElement>('button') ?? [])];
  const close = (returnFocus: boolean): void => {
    openMenuState.value = undefined;
    if (returnFocus) menu.opener?.focus();
  };
  useLayoutEffect(() => {
    const place = element.current?.getBoundingClientRect();
    if (element.current === null || place === undefined) return;
    // Kept on the screen: a menu of the status bar opens upwards.
    element.current.style.left = `${Math.max(4, Math.min(menu.left, innerWidth - place.width - 4))}px`;
    const fits = menu.top + place.height <= innerHeight - 4;
    element.current.style.top = `${fits ? menu.top : Math.max(4, menu.top - place.height - 34)}px`;
    buttons()[0]?.focus();
  }, [menu]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const all = buttons();
    const next = nextIndex(event.key, all.indexOf(document.activeElement as HTMLElement), all.length);
    if (event.key === 'Escape' || event.key === 'Tab') close(true);
    else if (next !== undefined) all[next]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={element}
      class="menu"
      role="menu"
      tabIndex={-1}
      aria-label={menu.label}
      onKeyDown={onKeyDown}
      onFocusOut={event => {
        if (!(event.relatedTarget instanceof Node && element.current?.contains(event.relatedTarget))) close(false);
      }}
    >
      {menu.items.map(item => (
        <button
          key={item.label}
          type="button"
          tabIndex={-1}
          role={item.checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
          aria-checked={item.checked}
          onClick={() => {
            close(true);
            item.run();
          }}
        >
          <span>
            {item.checked === undefined ? '' : item.checked ? '✓ ' : '\u2003'}
            {item.label}
          </span>
          {item.keys !== undefined && <kbd>{item.keys}</kbd>}
        </button>
      ))}
    </div>
  );
}
