import { effect } from '@preact/signals';
import { lessonParameter } from '../session/lesson/lesson-source.ts';
import type { Session } from '../session/session.ts';

/** Keeps `?lesson=` of the page's address with the lesson that is open: a reload continues with it, and the address can be shared. */
export function keepLessonInAddress(session: Session): void {
  effect(() => {
    const state = session.lessons.state.value;
    // At first the address says what is to be opened, and one that leads to a failure stays to be seen.
    if (!session.filesLoaded.value || (state.kind !== 'open' && state.kind !== 'closed')) return;
    const wanted = state.kind === 'open' ? lessonParameter(state.run.source) : undefined;
    const url = new URL(location.href);
    if ((url.searchParams.get('lesson') ?? undefined) === wanted) return;
    if (wanted === undefined) url.searchParams.delete('lesson');
    else url.searchParams.set('lesson', wanted);
    history.replaceState(history.state, '', url);
  });
}
