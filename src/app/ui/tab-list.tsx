import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** One tab of a list. */
export interface TabItem {
  readonly id: string;
  readonly name: string;
  /** The id of the panel it shows. */
  readonly panel: string;
  readonly title?: string;
  readonly before?: ComponentChildren;
  readonly after?: ComponentChildren;
}

export interface TabListProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly selected: string | undefined;
  readonly class?: string;
  onSelect(id: string): void;
  /** Delete on a tab, or a middle click. */
  onClose?(id: string): void;
}

/** A row of tabs: one of them is in the Tab order, arrows move among them and select. */
export function TabList(props: TabListProps): JSX.Element {
  const row = useRef<HTMLDivElement>(null);
  const { items, selected, onClose, onSelect } = props;
  useEffect(() => {
    if (row.current !== null) showSelected(row.current);
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const index = items.findIndex(({ id }) => id === selected);
    if (event.key === 'Delete' && onClose !== undefined && selected !== undefined) onClose(selected);
    else {
      const target = targetOf(event.key, index, items.length);
      const next = target === undefined ? undefined : items[target];
      if (next === undefined) return;
      onSelect(next.id);
      row.current?.querySelectorAll<HTMLElement>('[role="tab"]')[target ?? 0]?.focus();
    }
    event.preventDefault();
  };
  return (
    <div ref={row} class={`tabs ${props.class ?? ''}`} role="tablist" aria-label={props.label} tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map(item => (
        <button
          key={item.id}
          type="button"
          class="tab"
          role="tab"
          aria-selected={item.id === selected}
          aria-controls={item.panel}
          tabIndex={item.id === selected ? 0 : -1}
          title={item.title}
          onClick={() => onSelect(item.id)}
          onAuxClick={event => {
            if (event.button === 1) onClose?.(item.id);
          }}
        >
          {item.before}
          <span class="tab-name">{item.name}</span>
          {item.after}
        </button>
      ))}
    </div>
  );
}

/** Not by scrollIntoView, which would also scroll a page that Drydock is embedded in. */
function showSelected(row: HTMLElement): void {
  const tab = row.querySelector<HTMLElement>('[aria-selected="true"]');
  if (tab === null) return;
  const [rowPlace, tabPlace] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
  if (tabPlace.left < rowPlace.left) row.scrollLeft -= rowPlace.left - tabPlace.left;
  else if (tabPlace.right > rowPlace.right) row.scrollLeft += tabPlace.right - rowPlace.right;
}

function targetOf(key: string, index: number, count: number): number | undefined {
  if (key === 'ArrowRight') return (index + 1) % count;
  if (key === 'ArrowLeft') return (index - 1 + count) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return undefined;
}
