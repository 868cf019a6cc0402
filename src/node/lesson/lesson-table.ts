import type { LessonReport } from './run-lesson.ts';

/** What a run has shown, as a table for a terminal. */
export function lessonTable({ steps }: LessonReport): string {
  const rows = steps.flatMap(({ title, seconds, checks, quizCount }, index) => [
    [`${index + 1} ${title}`, '', '', `${seconds.toFixed(0)} s`],
    ...checks.map(check => [`    ${check.sentence}`, check.before, check.after, '']),
    ...(quizCount > 0 ? [[`    ${quizCount} quiz${quizCount === 1 ? '' : 'zes'} tried`, '', '', '']] : []),
  ]);
  const head = ['Step and checks', 'before', 'after', 'time'];
  const longest = Math.min(100, Math.max(head[0]!.length, ...rows.map(row => row[0]!.length)));
  return [head, ...rows].map(row => [cut(row[0]!, longest), row[1]!.padEnd(7), row[2]!.padEnd(7), row[3]!].join('  ').trimEnd()).join('\n');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text.padEnd(length);
}
