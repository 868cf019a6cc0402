import type { ComponentChildren, JSX } from 'preact';
import type { CarriedEntry, CarriedFiles } from '../../core/share/carried-files.ts';
import { parentOf, type WorkspacePath } from '../../core/workspace/path.ts';
import { formatBytes, visibleName } from '../session/format.ts';

/** More rows than anyone reads would only make the page slow. */
const SHOWN = 300;

/** A list of files with their sizes; the caller decides what is at the beginning and the end of a row. Can be reached by Tab, to be scrolled. */
export function FileList(props: {
  label: string;
  files: CarriedFiles;
  before?: (path: WorkspacePath, id: string) => ComponentChildren;
  after?: (path: WorkspacePath) => ComponentChildren;
}): JSX.Element {
  const rows = rowsOf(props.files);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
    <ul class="travel-list" tabIndex={0} aria-label={props.label}>
      {rows.slice(0, SHOWN).map(([path, entry], index) => (
        <li key={path}>
          {props.before?.(path, `travel-${index}`)}
          <PathLabel path={entry.kind === 'folder' ? `${path}/` : path} id={props.before === undefined ? undefined : `travel-${index}`} />
          {props.after?.(path)}
          <span class="travel-size">{entry.kind === 'file' ? formatBytes(entry.content.length) : 'empty folder'}</span>
        </li>
      ))}
      {rows.length > SHOWN && <li class="travel-more">and {rows.length - SHOWN} more</li>}
    </ul>
  );
}

function PathLabel({ id, path }: { id: string | undefined; path: WorkspacePath }): JSX.Element {
  const text = visibleName(path);
  if (id === undefined) return <span class="travel-path">{text}</span>;
  return (
    <label class="travel-path" for={id}>
      {text}
    </label>
  );
}

/** Files, and the folders that nothing is in, in the order of their paths. */
export function rowsOf(files: CarriedFiles): (readonly [WorkspacePath, CarriedEntry])[] {
  const filled = new Set([...files.keys()].map(parentOf));
  return [...files].filter(([path]) => !filled.has(path)).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** `1 file`, `3 files`: how many, and how large together. */
export function amountOf(files: CarriedFiles): string {
  const contents = [...files.values()].flatMap(entry => (entry.kind === 'file' ? [entry.content.length] : []));
  const byteCount = contents.reduce((sum, length) => sum + length, 0);
  return `${countOf(contents.length)}, ${formatBytes(byteCount)}`;
}

export function countOf(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
