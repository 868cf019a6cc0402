import { ask } from '../ui/dialog.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import { sourceName } from '../session/lesson/lesson-source.ts';

/** Shows the learner the commands that a foreign lesson wants to run out of sight, and asks. */
export async function askConsent(run: LessonRun): Promise<void> {
  const answer = await ask({
    title: 'Let this lesson run commands?',
    text:
      `“${run.lesson.peek().frontMatter.title}” is not part of this site: it comes from ${sourceName(run.source)}. To prepare the machine and to check ` +
      'your work it wants to run the commands below out of your sight. They can change this page’s machine and the lesson’s files in it; they reach neither your computer nor the internet.',
    code: run.foreignCommands,
    confirm: 'Let them run',
    cancel: 'Not now',
  });
  run.consentTo(answer !== undefined);
}
