import { Lab } from '../../core/lab/lab.ts';
import { loadVm } from '../../core/lab/v86-vm.ts';
import type { Lesson } from '../../core/lesson/lesson.ts';
import { eagerPolicy } from '../../core/machine/compile-governor.ts';
import { createSandbox } from '../../core/sandbox/create-sandbox.ts';
import type { BuiltGuest } from '../builder/build-guest.ts';
import { folderHost } from '../machine/folder-host.ts';
import { needsLab } from './lab-driver.ts';
import { runLesson, type LessonReport } from './run-lesson.ts';

/** Does a lesson by its own solutions in a machine of its own, with a lab where it needs one. Rejects where the machine fails. */
export async function doLesson(lesson: Lesson, guest: BuiltGuest, report: (line: string) => void): Promise<LessonReport> {
  const sandbox = createSandbox(folderHost(guest), { compilePolicy: eagerPolicy });
  const lab = needsLab(lesson) ? openLab(guest) : undefined;
  try {
    await sandbox.ready;
    lab?.attach(sandbox);
    return await runLesson(lesson, sandbox, { lab, report });
  } finally {
    await lab?.dispose();
    await sandbox.dispose();
  }
}

/** The lab, with its virtual machine in this process; `attach` gives it the sandbox. */
export function openLab(guest: BuiltGuest): Lab {
  return new Lab(() => loadVm(folderHost(guest), { compilePolicy: eagerPolicy }));
}
