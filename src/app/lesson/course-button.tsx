import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { lazyDialog } from '../ui/lazy-dialog.tsx';
import type { Session } from '../session/session.ts';

const list = lazyDialog<Session>('The list of lessons', async () => (await import('./course-dialog.tsx')).CourseDialog);

/** Where the list of lessons appears; once on the page. */
export const CourseHost = list.Host;

/** Opens the list of lessons. */
export function showCourse(session: Session): Promise<void> {
  session.settings.courseOffered.value = true;
  return list.show(session);
}

/** The way to the lessons, always there. */
export function CourseButton({ session }: { session: Session }): JSX.Element {
  return (
    <button type="button" class="button plain" aria-haspopup="dialog" title="The lessons of this site" onClick={() => void showCourse(session)}>
      <Icon name="lesson" />
      <span class="status-label">Lessons</span>
    </button>
  );
}

/** Offers the course to learners who are here for the first time, until they have taken it or declined it. */
export function CourseOffer({ session }: { session: Session }): JSX.Element | null {
  const { lessons, settings } = session;
  const isNew = !settings.courseOffered.value && session.ownership.value === 'owned' && lessons.state.value.kind === 'closed';
  useEffect(() => {
    if (isNew) void lessons.course.load();
  }, [isNew]);
  const entries = lessons.course.entries.value ?? [];
  const [first] = entries;
  // Learners who have begun a lesson, perhaps through a link, know about them.
  if (!isNew || first === undefined || entries.some(({ id }) => lessons.progressOf(id) !== undefined)) return null;
  return (
    <div class="banner offer" role="region" aria-label="Offer">
      <Icon name="lesson" />
      <span class="banner-text">
        New to containers? {entries.length === 1 ? 'A short lesson starts' : `${entries.length} short lessons start`} from the very beginning.
      </span>
      <button type="button" class="button quiet" onClick={() => void showCourse(session)}>
        See the lessons
      </button>
      <button type="button" class="button plain" aria-label="No, thanks" title="No, thanks" onClick={() => (settings.courseOffered.value = true)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
