import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { baseName, parentOf, type WorkspacePath } from '../../core/workspace/path.ts';
import { Icon } from '../ui/icons.tsx';
import { TabList } from '../ui/tab-list.tsx';
import { formatBytes, visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { readTextFile } from '../session/workspace/text-file.ts';
import { startEditor, type EditorHandle } from './start-editor.ts';

/** What the editor has done with a file elsewhere on the page. */
interface FileActions {
  select(path: WorkspacePath): void;
  download(path: WorkspacePath): void;
}

/** The editor with its tabs. Monaco comes when `isWanted`: after the machine's own download has begun. */
export function EditorPane(props: { session: Session; tree: FileActions; isWanted: boolean }): JSX.Element {
  const { session, tree } = props;
  const { openFiles } = session;
  const active = openFiles.active.value;
  return (
    <>
      <div class="bar editor-bar">
        <FileTabs session={session} tree={tree} />
        <span class="spread" />
        {active !== undefined && (
          <button
            type="button"
            class="button plain"
            aria-label={`Close ${visibleName(baseName(active))}`}
            title="Close file"
            onClick={() => openFiles.close(active)}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <div id="editor-panel" class="editor-panel" role="tabpanel" aria-label={active === undefined ? 'Editor' : visibleName(active)}>
        {active === undefined && <p class="editor-note">Choose a file on the left to edit it.</p>}
        {active !== undefined && <NotText session={session} tree={tree} path={active} />}
        <MonacoHost session={session} isWanted={props.isWanted} />
      </div>
    </>
  );
}

function FileTabs({ session, tree }: { session: Session; tree: FileActions }): JSX.Element | null {
  const { openFiles } = session;
  const paths = openFiles.paths.value;
  if (paths.length === 0) return <h2>Editor</h2>;
  const names = paths.map(baseName);
  const items = paths.map(path => {
    const isAmbiguous = names.filter(name => name === baseName(path)).length > 1;
    return {
      id: path,
      name: visibleName(isAmbiguous ? `${baseName(path)} – ${parentOf(path) || '.'}` : baseName(path)),
      panel: 'editor-panel',
      title: visibleName(path),
      after: (
        // For the pointer alone: keys have Delete and the close button at the end of the bar.
        <span
          class="tab-close"
          aria-hidden="true"
          onClick={event => {
            event.stopPropagation();
            openFiles.close(path);
          }}
        >
          <Icon name="close" size={14} />
        </span>
      ),
    };
  });
  const onSelect = (path: string): void => {
    openFiles.open(path);
    tree.select(path);
  };
  return <TabList label="Open files" items={items} selected={openFiles.active.value} onSelect={onSelect} onClose={path => openFiles.close(path)} />;
}

/** What is shown instead of text: a picture or an archive has nothing to edit. */
function NotText({ session, tree, path }: { session: Session; tree: FileActions; path: WorkspacePath }): JSX.Element | null {
  void session.store.structure.value;
  const entry = session.store.entries.get(path);
  if (entry?.kind !== 'file') return null;
  const file = readTextFile(entry);
  if (file.kind === 'text') return null;
  const reason = file.kind === 'binary' ? 'It is not text, so it cannot be edited here.' : 'It is too big to edit here.';
  return (
    <div class="editor-note">
      <p>
        <strong>{visibleName(baseName(path))}</strong> – {formatBytes(file.byteCount)}. {reason} Commands in the terminal can use it as any other
        file.
      </p>
      <button type="button" class="button quiet" onClick={() => tree.download(path)}>
        Download
      </button>
    </div>
  );
}

function MonacoHost({ session, isWanted }: { session: Session; isWanted: boolean }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [handle, setHandle] = useState<EditorHandle>();
  const [problem, setProblem] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const isReady = isWanted && session.filesLoaded.value;
  const path = session.openFiles.active.value;
  useEffect(() => {
    if (!isReady || host.current === null) return;
    const container = host.current;
    setProblem(undefined);
    startEditor(container, session).then(setHandle, (error: unknown) => {
      console.error('the editor did not load', error);
      setProblem('The editor could not be loaded. Check the connection.');
    });
  }, [isReady, attempt]);
  const typingCount = session.openFiles.typingCount.value;
  useEffect(() => handle?.show(path), [handle, path]);
  const lineWanted = session.openFiles.lineWanted.value;
  useEffect(() => {
    if (lineWanted !== undefined && lineWanted.path === path) handle?.goToLine(lineWanted.line);
  }, [handle, lineWanted]);
  useEffect(() => {
    if (typingCount > 0) handle?.focus();
  }, [handle, typingCount]);
  const isEmpty = path === undefined || (handle !== undefined && !handle.canShow(path));
  return (
    <>
      {handle === undefined && path !== undefined && (
        <div class="editor-note">
          <p role={problem === undefined ? undefined : 'alert'}>{problem ?? 'Loading the editor…'}</p>
          {problem !== undefined && (
            <button type="button" class="button quiet" onClick={() => setAttempt(attempt + 1)}>
              Retry
            </button>
          )}
        </div>
      )}
      <div ref={host} class="editor-host" hidden={handle !== undefined && isEmpty} />
    </>
  );
}
