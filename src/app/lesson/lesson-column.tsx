import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { useFoldFocus } from '../ui/lost-focus.ts';
import { hasLesson, isSideInstead } from '../session/page-width.ts';
import { Splitter } from '../ui/splitter.tsx';
import type { Session } from '../session/session.ts';
import type { LessonPane } from './lesson-pane.tsx';

const LESSON_MIN = 280;
const LESSON_MAX = 760;

export interface LessonColumnProps {
  readonly session: Session;
  readonly isNarrow: boolean;
  /** The files are in the same column, behind another tab. */
  readonly isShared: boolean;
  readonly isShown: boolean;
}

/** The column at the left with the lesson that is open; nothing without one. Closed, it is a rail with a button. */
export function LessonColumn({ session, isNarrow, isShared, isShown }: LessonColumnProps): JSX.Element | null {
  const { lessonCollapsed } = session.settings;
  useFoldFocus(lessonCollapsed.value, () => document.querySelector<HTMLElement>(lessonCollapsed.peek() ? '.lesson-rail button' : '.lesson-text'));
  if (!hasLesson(session)) return null;
  const isOpen = isNarrow ? isShown : isShown && !lessonCollapsed.value;
  const width = isNarrow || isShared ? '100%' : lessonWidth(session);
  return (
    <>
      {!isNarrow && lessonCollapsed.value && <LessonRail session={session} />}
      <section
        id="lesson-pane"
        class="column pane lesson-pane"
        aria-label="Lesson"
        hidden={!isOpen}
        style={{ width, flex: isShared ? '1 1 0' : 'none' }}
      >
        <LazyLesson session={session} />
      </section>
      {!isNarrow && !isShared && isOpen && <LessonSplitter session={session} />}
    </>
  );
}

/** Editor and terminals keep what a terminal needs, however wide the column once was. */
export function lessonWidth(session: Session): string {
  const { layout, settings } = session;
  const alone = layout.hasFiles ? 540 : 440;
  const others = settings.sideCollapsed.value || isSideInstead(session) ? alone : alone + 340;
  return `clamp(${LESSON_MIN}px, ${settings.lessonWidth.value}px, 100vw - ${others}px)`;
}

/** Moves the right edge of the lesson, or of the column it is in. */
export function LessonSplitter({ session }: { session: Session }): JSX.Element {
  const { settings } = session;
  return (
    <Splitter
      orientation="vertical"
      label="Lesson"
      controls="lesson-pane"
      value={settings.lessonWidth.value}
      min={LESSON_MIN}
      max={LESSON_MAX}
      step={20}
      collapsed={false}
      valueAt={clientX => clientX - (document.getElementById('lesson-pane')?.getBoundingClientRect().left ?? 0)}
      onChange={value => (settings.lessonWidth.value = value)}
      onToggle={() => (settings.lessonCollapsed.value = true)}
    />
  );
}

function LessonRail({ session }: { session: Session }): JSX.Element {
  return (
    <nav class="side-rail lesson-rail" aria-label="Lesson">
      <button
        type="button"
        class="button plain"
        aria-expanded={false}
        aria-controls="lesson-pane"
        title="Open the lesson"
        onClick={() => (session.settings.lessonCollapsed.value = false)}
      >
        <Icon name="lesson" />
        <span>Lesson</span>
      </button>
    </nav>
  );
}

/** The views of lessons come when a lesson does. */
function LazyLesson({ session }: { session: Session }): JSX.Element {
  const [Pane, setPane] = useState<typeof LessonPane>();
  const [isRefused, setRefused] = useState(false);
  const load = (): void => {
    setRefused(false);
    import('./lesson-pane.tsx').then(
      module => setPane(() => module.LessonPane),
      (error: unknown) => {
        console.error('the lesson did not load', error);
        setRefused(true);
      },
    );
  };
  useEffect(load, []);
  if (Pane !== undefined) return <Pane session={session} />;
  if (!isRefused) return <p class="side-empty">Opening the lesson…</p>;
  return (
    <div class="side-empty" role="alert">
      <p>The lesson could not be loaded. Check the connection.</p>
      <button type="button" class="button quiet" onClick={load}>
        Retry
      </button>
    </div>
  );
}
