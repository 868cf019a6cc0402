import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { parentOf } from '../../core/workspace/path.ts';
import { Icon } from '../ui/icons.tsx';
import { openMenu, type MenuItem } from '../ui/menu.tsx';
import { visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { rowAfterRemoval, treeRows, type TreeRow } from '../session/workspace/tree-rows.ts';
import type { TreeState } from './tree-state.ts';

export interface FileTreeProps {
  readonly session: Session;
  readonly tree: TreeState;
  /** What the context menu offers for the chosen row. */
  readonly actions: () => readonly MenuItem[];
}

/** The workspace as a tree: one row is in the Tab order, the arrow keys move. */
export function FileTree({ session, tree, actions }: FileTreeProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const moved = useRef(false);
  // Read for its change alone: the entries are a plain map.
  void session.store.structure.value;
  const rows = treeRows(session.store.entries, tree.expanded.value);
  const selected = rows.find(row => row.path === tree.selected.value) ?? rows[0];
  // In the layout phase: a passive effect left over from the render before would run first, and take the focus to the row that is about to go.
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });
  const moveTo = (path: string | undefined): void => {
    if (path === undefined) return;
    moved.current = true;
    tree.selected.value = path;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (selected === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (onTreeKey(event.key, { rows, row: selected, tree, moveTo })) event.preventDefault();
  };
  if (rows.length === 0) {
    return <p class="tree-empty">{session.filesLoaded.value ? 'No files. Make one, or drop some here.' : 'Reading your files…'}</p>;
  }
  return (
    <ul ref={list} class="tree" role="tree" aria-label="Files" onKeyDown={onKeyDown}>
      {rows.map(row => (
        <Row
          key={row.path}
          row={row}
          isCurrent={row === selected}
          isOpen={session.openFiles.active.value === row.path}
          onActivate={() => {
            moved.current = true;
            tree.activate(row.path);
          }}
          onFocus={() => {
            // A screen reader moves the focus itself: keys must mean the row that has it.
            tree.selected.value = row.path;
          }}
          onMenu={event => {
            event.preventDefault();
            // The focus goes to the menu, not to the row as with `moveTo`.
            tree.selected.value = row.path;
            const place = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : undefined;
            // The menu key gives no pointer's place in some browsers.
            const left = event.clientX > 0 ? event.clientX : (place?.left ?? 0) + 24;
            const top = event.clientY > 0 ? event.clientY : (place?.bottom ?? 0);
            openMenu({ label: `Actions for ${row.name}`, items: actions(), left, top, opener: event.currentTarget as HTMLElement });
          }}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly row: TreeRow;
  readonly isCurrent: boolean;
  readonly isOpen: boolean;
  onActivate(): void;
  onFocus(): void;
  onMenu(event: MouseEvent): void;
}

function Row({ row, isCurrent, isOpen, onActivate, onFocus, onMenu }: RowProps): JSX.Element {
  const icon = row.kind === 'file' ? 'file' : row.expanded ? 'folder-open' : 'folder';
  return (
    // The keys are the tree's: a tree item alone has none.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <li
      class={`row ${isOpen ? 'open' : ''}`}
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={isCurrent}
      aria-expanded={row.kind === 'folder' ? row.expanded : undefined}
      data-folder={row.kind === 'folder' ? row.path : parentOf(row.path)}
      tabIndex={isCurrent ? 0 : -1}
      title={visibleName(row.path)}
      style={{ paddingLeft: `${(row.level - 1) * 14 + 8}px` }}
      onClick={onActivate}
      onFocus={onFocus}
      onContextMenu={onMenu}
    >
      <span class={`chevron ${row.expanded ? 'expanded' : ''}`}>{row.kind === 'folder' && <Icon name="chevron" size={12} />}</span>
      <Icon name={icon} />
      <span class="row-name">{visibleName(row.name)}</span>
    </li>
  );
}

interface TreeKeyContext {
  readonly rows: readonly TreeRow[];
  readonly row: TreeRow;
  readonly tree: TreeState;
  moveTo(path: string | undefined): void;
}

/** What a key does on a row; false if it is not a key of the tree. */
function onTreeKey(key: string, { rows, row, tree, moveTo }: TreeKeyContext): boolean {
  const index = rows.indexOf(row);
  if (key === 'ArrowDown') moveTo(rows[index + 1]?.path);
  else if (key === 'ArrowUp') moveTo(rows[index - 1]?.path);
  else if (key === 'Home') moveTo(rows[0]?.path);
  else if (key === 'End') moveTo(rows.at(-1)?.path);
  else if (key === 'Enter' || key === ' ') tree.activate(row.path);
  else if (key === 'F2') void tree.rename(row.path);
  else if (key === 'Delete') {
    const next = rowAfterRemoval(rows, row.path);
    tree.remove(row.path);
    moveTo(next);
  } else if (key === 'ArrowRight' && row.kind === 'folder') {
    if (row.expanded) moveTo(rows[index + 1]?.level === row.level + 1 ? rows[index + 1]?.path : undefined);
    else tree.setExpanded(row.path, true);
  } else if (key === 'ArrowLeft') {
    if (row.expanded) tree.setExpanded(row.path, false);
    else if (parentOf(row.path) !== '') moveTo(parentOf(row.path));
  } else return jumpTo(key, rows, index, moveTo);
  return true;
}

/** A letter goes to the next row that begins with it. */
function jumpTo(key: string, rows: readonly TreeRow[], index: number, moveTo: (path: string) => void): boolean {
  if (key.length !== 1) return false;
  const ordered = [...rows.slice(index + 1), ...rows.slice(0, index)];
  const target = ordered.find(row => row.name.toLowerCase().startsWith(key.toLowerCase()));
  if (target !== undefined) moveTo(target.path);
  return target !== undefined;
}
