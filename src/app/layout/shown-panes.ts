import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { sidePanelId, sidePanes } from '../side/side-panes.ts';
import { hasLesson, isLeftShared, isNarrow } from './page-width.ts';

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
  /** On a small screen. */
  readonly tabs: readonly PaneTab[];
  readonly selected: PaneName;
  /** Of the left column, where lesson and files share it. */
  readonly leftTabs: readonly PaneTab[];
  readonly leftSelected: PaneName;
  select(id: PaneName): void;
  selectLeft(id: PaneName): void;
  shows(pane: PaneName): boolean;
}

const lessonTab: PaneTab = { id: 'lesson', name: 'Lesson', panel: 'lesson-pane' };
const filesTab: PaneTab = { id: 'files', name: 'Files', panel: 'files-pane' };

/** Follows what the learner has asked for, and whether a lesson is open. */
export function useShownPanes(session: Session): ShownPanes {
  const [selected, setSelected] = useState<PaneName>('terminal');
  const [leftSelected, selectLeft] = useState<PaneName>('lesson');
  useAsked(session.openFiles.openCount.value, () => setSelected('editor'));
  useAsked(session.sidePanesAsked.value, () => setSelected(session.activeSidePane.value));
  useAsked(session.commandsProposed.value, () => setSelected('terminal'));
  const isInLesson = hasLesson(session);
  useEffect(() => {
    setSelected(isInLesson ? 'lesson' : 'terminal');
    selectLeft('lesson');
  }, [isInLesson]);
  const narrow = isNarrow(session);
  const isShared = isLeftShared(session);
  const tabs: readonly PaneTab[] = [
    ...(isInLesson ? [lessonTab] : []),
    filesTab,
    { id: 'editor', name: 'Editor', panel: 'editor-pane' },
    { id: 'terminal', name: 'Terminal', panel: 'terminal-pane' },
    ...sidePanes.map(({ id, name }) => ({ id, name, panel: sidePanelId(id) })),
  ];
  const leftTabs = isShared ? [lessonTab, filesTab] : [];
  return {
    isNarrow: narrow,
    tabs: narrow ? tabs : [],
    selected,
    leftTabs,
    leftSelected,
    select(id) {
      setSelected(id);
      if (sidePanes.some(pane => pane.id === id)) session.activeSidePane.value = id;
    },
    selectLeft,
    shows(pane) {
      if (narrow) return selected === pane;
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
