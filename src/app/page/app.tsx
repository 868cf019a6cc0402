import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { EditorPane } from '../editor/editor-pane.tsx';
import { FilePane } from '../files/file-pane.tsx';
import type { TreeState } from '../files/tree-state.ts';
import { askConsent } from '../lesson/ask-consent.ts';
import { CourseHost, CourseOffer } from '../lesson/course-button.tsx';
import { LessonColumn, LessonSplitter, lessonWidth } from '../lesson/lesson-column.tsx';
import { InsecureBanner } from '../offline/insecure-banner.tsx';
import { NetworkHost } from '../network/network-button.tsx';
import { OfflineHost } from '../offline/offline-button.tsx';
import type { Session } from '../session/session.ts';
import { SnapshotsHost } from '../snapshots/snapshots-button.tsx';
import { MachineBanners } from './status/machine-banners.tsx';
import { MessageList } from './status/messages.tsx';
import { StatusBar } from './status/status-bar.tsx';
import { shareActions } from '../share/share-menu.ts';
import { SharedBanner } from '../share/shared-banner.tsx';
import { ImageLoadHost } from '../containers/image-load/image-load-host.tsx';
import { ShareHost } from '../share/share-host.tsx';
import { SideColumn } from './side-column.tsx';
import { sidePanes } from './side-panes.ts';
import { TerminalPane } from '../terminal/terminal-pane.tsx';
import { DialogHost } from '../ui/dialog.tsx';
import { DropTarget } from './drop-target.tsx';
import { KeysHost } from './keys-dialog.tsx';
import { MenuHost } from '../ui/menu.tsx';
import { OwnershipCover } from './ownership-cover.tsx';
import { useShownPanes } from './shown-panes.ts';
import { Splitter } from '../ui/splitter.tsx';
import { TabList } from '../ui/tab-list.tsx';

const FILES_MIN = 150;
const FILES_MAX = 460;

/** The whole page. */
export function App({ session, tree }: { session: Session; tree: TreeState }): JSX.Element {
  const panes = useShownPanes(session);
  const isWanted = useHeavyParts(session);
  const { hasEditor, hasSide, isNarrow, leftTabs, selected, shows, tabs } = panes;
  const isShared = leftTabs.length > 0;
  // Made when it is first wanted, which spares many embeds the editor's code; kept from then on, as its undo history is.
  const wasEditorWanted = useRef(false);
  wasEditorWanted.current ||= hasEditor;
  // The brand is above the files.
  const isBrandShown = session.layout.hasFiles && shows('files') && (isNarrow || isShared || !session.settings.filesCollapsed.value);
  useConsent(session);
  return (
    <DropTarget session={session}>
      <header>
        {!isBrandShown && <h1 class="visually-hidden">Drydock</h1>}
        <MachineBanners session={session} />
        {session.embedding === undefined && <InsecureBanner />}
        <SharedBanner session={session} />
        {session.embedding === undefined && session.shared.current.value === undefined && <CourseOffer session={session} />}
        {tabs.length > 0 && <TabList label="Panes" class="pane-tabs" items={tabs} selected={selected} onSelect={panes.select} />}
      </header>
      <main class={`work ${session.settings.sideCollapsed.value ? '' : 'side-open'}`}>
        <div class={`left-columns ${isShared ? 'shared' : ''}`} style={isShared ? { width: lessonWidth(session) } : {}}>
          {isShared && <TabList label="Left column" class="left-tabs" items={leftTabs} selected={panes.leftSelected} onSelect={panes.selectLeft} />}
          <LessonColumn session={session} isNarrow={isNarrow} isShared={isShared} isShown={shows('lesson')} />
          {session.layout.hasFiles && <FilesColumn session={session} tree={tree} isShown={shows('files')} isNarrow={isNarrow} isShared={isShared} />}
        </div>
        {isShared && <LessonSplitter session={session} />}
        <EditorAndTerminals
          session={session}
          isNarrow={isNarrow}
          hasEditor={hasEditor}
          isEditorShown={hasEditor && shows('editor')}
          isTerminalShown={shows('terminal')}
        >
          {[
            wasEditorWanted.current && <EditorPane key="editor" session={session} tree={tree} isWanted={isWanted} />,
            <TerminalPane key="terminal" session={session} isWanted={isWanted} />,
          ]}
        </EditorAndTerminals>
        {hasSide && (
          <SideColumn session={session} isNarrow={isNarrow} isInstead={panes.isSideInstead} isShown={sidePanes.some(({ id }) => id === selected)} />
        )}
      </main>
      <StatusBar session={session} />
      <MessageList messages={session.messages} />
      <MenuHost />
      <CourseHost session={session} />
      <SnapshotsHost session={session} />
      <KeysHost />
      <OfflineHost session={session} />
      <NetworkHost session={session} />
      <ShareHost session={session} />
      <ImageLoadHost session={session} />
      <DialogHost />
      <OwnershipCover session={session} />
    </DropTarget>
  );
}

/** A lesson from elsewhere asks before its commands run, in whatever layout. */
function useConsent(session: Session): void {
  const run = session.lessons.run.value;
  const isWanted = run?.consent.value === 'wanted';
  useEffect(() => {
    if (run !== undefined && isWanted) void askConsent(run);
  }, [run, isWanted]);
}

/** Monaco and xterm.js wait until the machine's own download is under way: that is what the learner waits for. */
function useHeavyParts(session: Session): boolean {
  const [isWanted, setWanted] = useState(false);
  const { machine } = session;
  const isUnderWay = machine.progress.value !== undefined || machine.state.value.kind === 'failed';
  const isOwned = session.ownership.value === 'owned';
  useEffect(() => {
    if (isUnderWay) setWanted(true);
    // A machine that does not answer must not take the editor away from the learner.
    const timer = isOwned ? setTimeout(() => setWanted(true), 1500) : undefined;
    return () => clearTimeout(timer);
  }, [isUnderWay, isOwned]);
  return isWanted;
}

interface FilesColumnProps {
  readonly session: Session;
  readonly tree: TreeState;
  readonly isShown: boolean;
  readonly isNarrow: boolean;
  readonly isShared: boolean;
}

function FilesColumn(props: FilesColumnProps): JSX.Element {
  const { session, tree, isShared, isShown } = props;
  const { filesCollapsed, filesWidth } = session.settings;
  const isAlone = props.isNarrow || isShared;
  const isCollapsed = filesCollapsed.value && !isAlone;
  const width = isAlone ? '100%' : `${filesWidth.value}px`;
  return (
    <>
      <section
        id="files-pane"
        class="column pane"
        aria-label="Files"
        hidden={!isShown || isCollapsed}
        style={{ width, flex: isShared ? '1 1 0' : 'none' }}
      >
        <FilePane session={session} tree={tree} allFiles={() => shareActions(session)} />
      </section>
      {!isAlone && (
        <Splitter
          orientation="vertical"
          label="Files"
          controls="files-pane"
          value={filesWidth.value}
          min={FILES_MIN}
          max={FILES_MAX}
          step={20}
          collapsed={isCollapsed}
          valueAt={clientX => clientX - (document.getElementById('files-pane')?.getBoundingClientRect().left ?? 0)}
          onChange={value => {
            filesCollapsed.value = false;
            filesWidth.value = value;
          }}
          onToggle={() => (filesCollapsed.value = !filesCollapsed.value)}
        />
      )}
    </>
  );
}

interface EditorAndTerminalsProps {
  readonly session: Session;
  readonly isNarrow: boolean;
  readonly hasEditor: boolean;
  readonly isEditorShown: boolean;
  readonly isTerminalShown: boolean;
  readonly children: ComponentChildren[];
}

function EditorAndTerminals(props: EditorAndTerminalsProps): JSX.Element {
  const column = useRef<HTMLDivElement>(null);
  const [isEditorCollapsed, setEditorCollapsed] = useState(false);
  const { editorShare } = props.session.settings;
  const isEditorShown = props.isEditorShown && (props.isNarrow || !isEditorCollapsed);
  const shareAt = (_: number, clientY: number): number => {
    const place = column.current?.getBoundingClientRect();
    return place === undefined ? editorShare.value : (clientY - place.top) / place.height;
  };
  const editorSize = props.isNarrow || !props.isTerminalShown ? '1 1 0' : `${editorShare.value} 1 0`;
  const terminalSize = props.isNarrow || !isEditorShown ? '1 1 0' : `${1 - editorShare.value} 1 0`;
  return (
    <div ref={column} class="column grow" hidden={!props.isNarrow && !isEditorShown && !props.isTerminalShown}>
      <section id="editor-pane" class="pane" aria-label="Editor" hidden={!isEditorShown} style={{ flex: editorSize }}>
        {props.children[0]}
      </section>
      {!props.isNarrow && props.hasEditor && (
        <Splitter
          orientation="horizontal"
          label="Editor"
          controls="editor-pane"
          value={editorShare.value}
          min={0.15}
          max={0.85}
          step={0.04}
          collapsed={isEditorCollapsed}
          valueAt={shareAt}
          onChange={value => {
            setEditorCollapsed(false);
            editorShare.value = value;
          }}
          onToggle={() => setEditorCollapsed(!isEditorCollapsed)}
        />
      )}
      <section id="terminal-pane" class="pane terminal-pane" aria-label="Terminals" hidden={!props.isTerminalShown} style={{ flex: terminalSize }}>
        {props.children[1]}
      </section>
    </div>
  );
}
