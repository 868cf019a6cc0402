/** What the page runs of core/lesson, in one chunk imported dynamically: reading Markdown, YAML and schemas costs a learner without a lesson nothing. */
export { describeCheck, evaluateCheck, triggersOf } from '../../../core/lesson/check/evaluate-check.ts';
export { unpackLesson } from '../../../core/lesson/format/packed-lesson.ts';
export { parseLesson } from '../../../core/lesson/format/parse-lesson.ts';
export { judgeAnswer } from '../../../core/lesson/check/quiz.ts';
export { createProbe } from '../../../core/lesson/check/sandbox-probe.ts';
export { variableProblem, variableValues, withVariables } from '../../../core/lesson/format/variables.ts';
