import type { JSX } from 'preact';
import type { IconName } from '../ui/icons.tsx';
import { BrowserPane } from '../preview/browser-pane.tsx';
import type { Session } from '../session/session.ts';
import { lazyPane } from '../ui/lazy-pane.tsx';

/** What every pane of the side column is given. */
export interface SidePaneProps {
  readonly session: Session;
  /** False while another pane is in front or the column is closed: the pane stays as it is, but nobody sees it. */
  readonly isShown: boolean;
}

/** One pane of the side column: a tab and what it shows. */
export interface SidePane {
  readonly id: string;
  readonly name: string;
  readonly icon: IconName;
  Content(props: SidePaneProps): JSX.Element;
}

const ContainersPane = lazyPane('the containers', async () => (await import('../containers/containers-pane.tsx')).ContainersPane);
const LibraryPane = lazyPane('the library', async () => (await import('../library/library-pane.tsx')).LibraryPane);
const LabPane = lazyPane('the lab', async () => (await import('../lab/lab-pane.tsx')).LabPane);

/** The panes in the order of their tabs; the first is in front at first. */
export const sidePanes: readonly SidePane[] = [
  { id: 'browser', name: 'Browser', icon: 'browser', Content: BrowserPane },
  { id: 'containers', name: 'Containers', icon: 'boxes', Content: ContainersPane },
  { id: 'library', name: 'Library', icon: 'library', Content: LibraryPane },
  { id: 'lab', name: 'Lab', icon: 'flask', Content: LabPane },
];

/** The id of the element that a pane's tab controls. */
export function sidePanelId(pane: string): string {
  return `side-panel-${pane}`;
}
