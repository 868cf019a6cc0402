import { ask } from '../ui/dialog.tsx';
import { isFocusLost } from '../ui/lost-focus.ts';
import type { MenuItem } from '../ui/menu.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';
import { askConsent } from './ask-consent.ts';
import { showCourse } from './course-button.tsx';

/** What can be done with the lesson that is open. */
export function lessonActions(session: Session, run: LessonRun): readonly MenuItem[] {
  const hasVariables = Object.keys(run.lesson.value.frontMatter.variables ?? {}).length > 0;
  return [
    { label: 'Do this step again', run: () => run.resetStep() },
    { label: 'Start the lesson again…', run: () => void confirmRestart(session, run) },
    { label: 'Start a fresh machine…', run: () => void confirmFreshMachine(session) },
    ...(hasVariables ? [{ label: 'Change your settings', run: () => run.goTo(0) }] : []),
    ...(run.consent.value === 'refused' ? [{ label: 'Commands of this lesson…', run: () => void askConsent(run) }] : []),
    { label: 'All lessons', run: () => void showCourse(session) },
    { label: 'Close the lesson', run: () => void close(session) },
  ];
}

/** The button of this menu goes with the lesson. */
async function close(session: Session): Promise<void> {
  await session.lessons.close();
  session.messages.announce('The lesson is closed. The files are your own again.');
  if (isFocusLost()) session.terminals[session.activeTerminal.value]?.focus();
}

async function confirmRestart(session: Session, run: LessonRun): Promise<void> {
  const answer = await ask({
    title: 'Start the lesson again?',
    text: 'Your progress in this lesson is forgotten, and the workspace gets the lesson’s first files again. What you wrote in it is deleted. Your other files and lessons stay as they are.',
    confirm: 'Start again',
    isDangerous: true,
  });
  if (answer === undefined) return;
  session.messages.announce('The lesson starts again.');
  await run.restart();
}

async function confirmFreshMachine(session: Session): Promise<void> {
  const answer = await ask({
    title: 'Start a fresh machine?',
    text: 'Containers, the images you built and everything outside /workspace will be gone. Your files and your progress stay.',
    confirm: 'Start fresh',
    isDangerous: true,
  });
  if (answer !== undefined) await session.machine.start('fresh');
}
