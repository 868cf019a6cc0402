import { signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { LessonSource } from '../session/lesson/lesson-source.ts';
import type { Session } from '../session/session.ts';

/** The keyboard is to go to the next lesson that opens. */
const isWanted = signal(false);

/** Opens a lesson that the learner has chosen: the keyboard focus goes to it, because the pressed button usually disappears. */
export async function openChosen(session: Session, source: LessonSource): Promise<void> {
  session.settings.lessonCollapsed.value = false;
  isWanted.value = true;
  await session.lessons.open(source);
}

/** Takes the keyboard when it first appears, if the learner has just chosen a lesson. */
export function useChosenFocus(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    if (!isWanted.peek()) return;
    isWanted.value = false;
    // Not scrolled to: in a frame that would move the page around it too.
    element.current?.focus({ preventScroll: true });
  }, []);
}
