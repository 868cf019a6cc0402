import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { sidePanelId, sidePanes } from '../side/side-panes.ts';

// Below this the panes stand one behind the other; the style sheets have the same number.
const narrowQuery = matchMedia('(max-width: 639px)');
const isNarrowWindow = signal(narrowQuery.matches);
narrowQuery.addEventListener('change', event => (isNarrowWindow.value = event.matches));

/** A pane of the page; any other name is one of the side column's. */
export type PaneName = 'files' | 'editor' | 'terminal' | (string & {});

/** A tab of a small screen. */
export interface PaneTab {
  readonly id: PaneName;
  readonly name: string;
  readonly panel: string;
}

/** Which panes there are now, and on a small screen which one is in front. */
export interface ShownPanes {
  readonly isNarrow: boolean;
  /** On a small screen, unless there is only one. */
  readonly tabs: readonly PaneTab[];
  readonly selected: PaneName;
  /** Part of the page, in front or not. */
  readonly hasEditor: boolean;
  readonly hasSide: boolean;
  select(id: PaneName): void;
  shows(pane: PaneName): boolean;
}

/** Follows what the layout has and what the learner has asked for. */
export function useShownPanes(session: Session): ShownPanes {
  const [wanted, setWanted] = useState<PaneName>('terminal');
  const hasEditor = useEditorPresence(session);
  const hasSide = useSidePresence(session);
  useAsked(session.openFiles.openCount.value, () => setWanted('editor'));
  useAsked(session.sidePanesAsked.value, () => setWanted(session.activeSidePane.value));
  useAsked(session.commandsProposed.value, () => setWanted('terminal'));
  const isNarrow = isNarrowWindow.value;
  const tabs: readonly PaneTab[] = [
    ...(session.layout.hasFiles ? [{ id: 'files', name: 'Files', panel: 'files-pane' }] : []),
    ...(hasEditor ? [{ id: 'editor', name: 'Editor', panel: 'editor-pane' }] : []),
    { id: 'terminal', name: 'Terminal', panel: 'terminal-pane' },
    ...(hasSide ? sidePanes.map(({ id, name }) => ({ id, name, panel: sidePanelId(id) })) : []),
  ];
  // What was in front may have gone.
  const selected = tabs.some(({ id }) => id === wanted) ? wanted : 'terminal';
  return {
    isNarrow,
    tabs: isNarrow && tabs.length > 1 ? tabs : [],
    selected,
    hasEditor,
    hasSide,
    select(id) {
      setWanted(id);
      if (sidePanes.some(pane => pane.id === id)) session.activeSidePane.value = id;
    },
    shows: pane => !isNarrow || selected === pane,
  };
}

/** Calls back when the count of something asked for has grown. */
function useAsked(count: number, onAsked: () => void): void {
  useEffect(() => {
    if (count > 0) onAsked();
  }, [count]);
}

/** In a layout without an editor it stands there while a file is open that the learner asked for. */
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
