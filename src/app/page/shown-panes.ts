import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { sidePanelId, sidePanes } from './side-panes.ts';
import { hasLesson, isLeftShared, isNarrow, isSideInstead } from '../session/page-width.ts';

/** A pane of the page; any other name is one of the side column's. */
export type PaneName = 'lesson' | 'files' | 'editor' | 'terminal' | (string & {});

/** A tab that brings a pane to the front. */
export interface PaneTab {
  readonly id: PaneName;
  readonly name: string;
  readonly panel: string;
}

/** Which panes there are now, and which one is in front where several share a place. */
export interface ShownPanes {
  readonly isNarrow: boolean;
  /** On a small screen, unless there is only one pane. */
  readonly tabs: readonly PaneTab[];
  readonly selected: PaneName;
  /** Of the left column, where lesson and files share it. */
  readonly leftTabs: readonly PaneTab[];
  readonly leftSelected: PaneName;
  /** Part of the page now, in front or not. */
  readonly hasEditor: boolean;
  readonly hasSide: boolean;
  /** The side column replaces the editor and the terminals. */
  readonly isSideInstead: boolean;
  select(id: PaneName): void;
  selectLeft(id: PaneName): void;
  shows(pane: PaneName): boolean;
}

const lessonTab: PaneTab = { id: 'lesson', name: 'Lesson', panel: 'lesson-pane' };
const filesTab: PaneTab = { id: 'files', name: 'Files', panel: 'files-pane' };
const editorTab: PaneTab = { id: 'editor', name: 'Editor', panel: 'editor-pane' };
const terminalTab: PaneTab = { id: 'terminal', name: 'Terminal', panel: 'terminal-pane' };

/** Follows what the layout has, what the learner has asked for, and whether a lesson is open. */
export function useShownPanes(session: Session): ShownPanes {
  const [wanted, setWanted] = useState<PaneName>('terminal');
  const [leftSelected, selectLeft] = useState<PaneName>('lesson');
  const hasEditor = useEditorPresence(session);
  const hasSide = useSidePresence(session);
  const instead = isSideInstead(session);
  const toWork = (pane: PaneName): void => {
    setWanted(pane);
    if (instead) session.settings.sideCollapsed.value = true;
  };
  useAsked(session.openFiles.openCount.value, () => toWork('editor'));
  useAsked(session.sidePanesAsked.value, () => setWanted(session.activeSidePane.value));
  useAsked(session.commandsProposed.value, () => toWork('terminal'));
  const isInLesson = hasLesson(session);
  useEffect(() => {
    setWanted(isInLesson ? 'lesson' : 'terminal');
    selectLeft('lesson');
  }, [isInLesson]);
  const narrow = isNarrow(session);
  const tabs: readonly PaneTab[] = [
    ...(isInLesson ? [lessonTab] : []),
    ...(session.layout.hasFiles ? [filesTab] : []),
    ...(hasEditor ? [editorTab] : []),
    terminalTab,
    ...(hasSide ? sidePanes.map(({ id, name }) => ({ id, name, panel: sidePanelId(id) })) : []),
  ];
  const leftTabs = isLeftShared(session) ? [lessonTab, filesTab] : [];
  // What was in front may have gone.
  const selected = tabs.some(({ id }) => id === wanted) ? wanted : 'terminal';
  return {
    isNarrow: narrow,
    tabs: narrow && tabs.length > 1 ? tabs : [],
    selected,
    leftTabs,
    leftSelected,
    hasEditor,
    hasSide,
    isSideInstead: instead,
    select(id) {
      setWanted(id);
      if (sidePanes.some(pane => pane.id === id)) session.activeSidePane.value = id;
    },
    selectLeft,
    shows(pane) {
      if (narrow) return selected === pane;
      if (instead && (pane === 'editor' || pane === 'terminal')) return false;
      return !leftTabs.some(({ id }) => id === pane) || leftSelected === pane;
    },
  };
}

/** Calls back when the count of something asked for has grown. */
function useAsked(count: number, onAsked: () => void): void {
  useEffect(() => {
    if (count > 0) onAsked();
  }, [count]);
}

/** In a layout without an editor, it is shown while a file is open that the learner asked for. */
function useEditorPresence({ layout, openFiles }: Session): boolean {
  const [isAsked, setAsked] = useState(false);
  const isEmpty = openFiles.paths.value.length === 0;
  useAsked(openFiles.openCount.value, () => setAsked(true));
  useEffect(() => {
    if (isEmpty) setAsked(false);
  }, [isEmpty]);
  return layout.hasEditor || (isAsked && !isEmpty);
}

/** In a layout without a side column it is there once it has something to show, and stays reachable. */
function useSidePresence({ layout, preview, settings, sidePanesAsked }: Session): boolean {
  const isOfUse = preview.ports.value.length > 0 || sidePanesAsked.value > 0 || !settings.sideCollapsed.value;
  const [wasOfUse, setOfUse] = useState(false);
  useEffect(() => {
    if (isOfUse) setOfUse(true);
  }, [isOfUse]);
  return layout.hasSide || isOfUse || wasOfUse;
}
