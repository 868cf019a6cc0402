import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { FileInput } from '../ui/file-input.tsx';
import { Icon, Logo } from '../ui/icons.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import type { Session } from '../session/session.ts';
import { FileTree } from './file-tree.tsx';
import type { TreeState } from './tree-state.ts';
import { upload } from './uploads.ts';

interface FilePaneProps {
  readonly session: Session;
  readonly tree: TreeState;
  /** What can be done with all files at once. */
  allFiles(): readonly MenuItem[];
}

/** The left pane: the brand, what can be done with files, and the tree. */
export function FilePane({ session, tree, allFiles }: FilePaneProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const actions = (): readonly MenuItem[] => [
    { label: 'New file…', run: () => void tree.create('file') },
    { label: 'New folder…', run: () => void tree.create('folder') },
    { label: 'Upload files…', run: () => input.current?.click() },
    ...allFiles(),
    ...entryActions(session, tree),
  ];
  return (
    <>
      <div class="bar">
        <h1 class="brand">
          <Logo /> <span class="brand-name">Drydock</span>
        </h1>
        <span class="spread" />
        <button type="button" class="button plain" aria-label="New file" title="New file" onClick={() => void tree.create('file')}>
          <Icon name="new-file" />
        </button>
        <button
          type="button"
          class="button plain"
          aria-label="Upload files"
          title="Upload files (or drop them on the page)"
          onClick={() => input.current?.click()}
        >
          <Icon name="upload" />
        </button>
        <MenuButton label="File actions" icon="more" items={actions} />
        <FileInput
          input={input}
          label="Files to upload"
          isMultiple
          onFiles={files =>
            void upload(
              session,
              tree.folder,
              files.map(file => ({ path: file.name, file })),
            )
          }
        />
      </div>
      <FileTree session={session} tree={tree} actions={() => entryActions(session, tree)} />
    </>
  );
}

/** What can be done with the chosen file or folder. */
function entryActions(session: Session, tree: TreeState): readonly MenuItem[] {
  const path = tree.selected.value;
  const entry = path === undefined ? undefined : session.store.entries.get(path);
  if (path === undefined || entry === undefined) return [];
  const download = { label: 'Download', run: () => tree.download(path) };
  return [
    { label: 'Rename…', keys: 'F2', run: () => void tree.rename(path) },
    ...(entry.kind === 'file' ? [download] : []),
    { label: 'Delete', keys: 'Del', run: () => tree.remove(path) },
  ];
}
