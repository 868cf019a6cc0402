/** What the page runs of core/lesson, in one chunk imported dynamically: reading Markdown, YAML and schemas costs a learner without a lesson nothing. */
export { describeCheck, evaluateCheck, triggersOf } from '../../core/lesson/evaluate-check.ts';
export { unpackLesson } from '../../core/lesson/packed-lesson.ts';
export { parseLesson } from '../../core/lesson/parse-lesson.ts';
export { judgeAnswer } from '../../core/lesson/quiz.ts';
export { createProbe } from '../../core/lesson/sandbox-probe.ts';
export { variableProblem, variableValues, withVariables } from '../../core/lesson/variables.ts';
