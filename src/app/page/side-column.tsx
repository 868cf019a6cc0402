import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { useFoldFocus } from '../ui/lost-focus.ts';
import { hasLesson } from '../session/page-width.ts';
import { lessonWidth } from '../lesson/lesson-column.tsx';
import { Splitter } from '../ui/splitter.tsx';
import { TabList } from '../ui/tab-list.tsx';
import type { Session } from '../session/session.ts';
import { sidePanelId, sidePanes, type SidePane } from './side-panes.ts';

const SIDE_MIN = 260;
const SIDE_MAX = 900;

export interface SideColumnProps {
  readonly session: Session;
  readonly isNarrow: boolean;
  /** While it is open, it replaces the editor and the terminals. */
  readonly isInstead: boolean;
  readonly isShown: boolean;
}

/** The column at the right: a browser for published ports, and the other panes beside the work. Closed, it is a rail of buttons. */
export function SideColumn(props: SideColumnProps): JSX.Element {
  const { session, isInstead, isNarrow } = props;
  const { sideCollapsed, sideWidth } = session.settings;
  const isOpen = isNarrow ? props.isShown : !sideCollapsed.value;
  useFoldFocus(sideCollapsed.value, () => {
    const id = sideCollapsed.peek() ? '.side-rail:not(.lesson-rail) button' : '#side-pane [role="tab"][aria-selected="true"]';
    return document.querySelector<HTMLElement>(id);
  });
  // Editor and terminals keep what a terminal needs, however wide the column once was.
  const others =
    hasLesson(session) && !session.settings.lessonCollapsed.value ? `460px - ${lessonWidth(session)}` : session.layout.hasFiles ? '640px' : '400px';
  const width = isNarrow || isInstead ? '100%' : `clamp(${SIDE_MIN}px, ${sideWidth.value}px, 100vw - ${others})`;
  return (
    <>
      {!isNarrow && !isInstead && isOpen && <SideSplitter session={session} />}
      <section id="side-pane" class="column pane" aria-label="Side column" hidden={!isOpen} style={{ width, flex: isInstead ? '1 1 0' : 'none' }}>
        {!isNarrow && <SideBar session={session} />}
        {sidePanes.map(pane => (
          <SidePanel key={pane.id} session={session} pane={pane} isShown={isOpen && session.activeSidePane.value === pane.id} />
        ))}
      </section>
      {!isNarrow && !isOpen && <SideRail session={session} />}
    </>
  );
}

function SideSplitter({ session }: { session: Session }): JSX.Element {
  const { sideCollapsed, sideWidth } = session.settings;
  return (
    <Splitter
      orientation="vertical"
      label="Side column"
      controls="side-pane"
      value={sideWidth.value}
      min={SIDE_MIN}
      max={SIDE_MAX}
      step={20}
      collapsed={false}
      isAfter
      valueAt={clientX => (document.getElementById('side-pane')?.getBoundingClientRect().right ?? innerWidth) - clientX}
      onChange={value => (sideWidth.value = value)}
      onToggle={() => (sideCollapsed.value = true)}
    />
  );
}

function SideBar({ session }: { session: Session }): JSX.Element {
  const items = sidePanes.map(({ id, name }) => ({ id, name, panel: sidePanelId(id) }));
  const close = (): void => {
    session.settings.sideCollapsed.value = true;
  };
  return (
    <div class="bar side-bar">
      <TabList label="Side panes" items={items} selected={session.activeSidePane.value} onSelect={id => (session.activeSidePane.value = id)} />
      <span class="spread" />
      <button type="button" class="button plain" aria-label="Close side column" title="Close side column" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** One pane, made when it is first looked at and kept from then on: what runs in a preview goes on behind another tab. */
function SidePanel({ session, pane, isShown }: { session: Session; pane: SidePane; isShown: boolean }): JSX.Element {
  const wasShown = useRef(false);
  wasShown.current ||= isShown;
  const { Content } = pane;
  return (
    <div id={sidePanelId(pane.id)} class="side-panel" role="tabpanel" aria-label={pane.name} hidden={!isShown}>
      {wasShown.current && <Content session={session} isShown={isShown} />}
    </div>
  );
}

function SideRail({ session }: { session: Session }): JSX.Element {
  return (
    <nav class="side-rail" aria-label="Side panes">
      {sidePanes.map(({ id, name, icon }) => (
        <button
          key={id}
          type="button"
          class="button plain"
          aria-expanded={false}
          aria-controls="side-pane"
          title={`Open ${name}`}
          onClick={() => session.showSidePane(id)}
        >
          <Icon name={icon} />
          <span>{name}</span>
        </button>
      ))}
    </nav>
  );
}
