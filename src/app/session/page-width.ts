import { signal, type ReadonlySignal } from '@preact/signals';
import type { Session } from './session.ts';

// The style sheets have the first of these too.
const belowPhone = isBelow(640);
const belowTablet = isBelow(900);
const belowLaptop = isBelow(1100);
const belowWide = isBelow(1560);

/**
 * Is the lesson's column on the page, open or folded away? In a layout without one the page around may have its own text for its lesson, but
 * not for one that the learner has chosen, nor for the reason why there is none.
 */
export function hasLesson(session: Session): boolean {
  const state = session.lessons.state.value;
  if (session.layout.hasLesson || state.kind === 'failed') return state.kind !== 'closed';
  return state.kind === 'open' && !session.isWantedRun(state.run);
}

/** Do the panes stand one behind the other? With a lesson beside files and editor that is so on wider screens too. */
export function isNarrow(session: Session): boolean {
  return belowPhone.value || (belowTablet.value && session.layout.hasFiles && hasLesson(session));
}

/** Whether the open side column replaces the terminals. Three columns would leave none of them enough room. */
export function isSideInstead(session: Session): boolean {
  return belowTablet.value && !isNarrow(session) && hasLesson(session) && !session.settings.sideCollapsed.value;
}

/** Does the lesson share the left column with the files, so that enough is left for a terminal? */
export function isLeftShared(session: Session): boolean {
  const { lessonCollapsed, sideCollapsed } = session.settings;
  if (isNarrow(session) || !session.layout.hasFiles || !hasLesson(session) || lessonCollapsed.value) return false;
  return belowLaptop.value || (belowWide.value && !sideCollapsed.value);
}

function isBelow(pixels: number): ReadonlySignal<boolean> {
  const query = matchMedia(`(max-width: ${pixels - 1}px)`);
  const matches = signal(query.matches);
  query.addEventListener('change', event => (matches.value = event.matches));
  return matches;
}
