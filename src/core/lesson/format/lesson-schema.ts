import { z } from 'zod';
import { pattern, workspacePath } from '../check/check-schema.ts';
import { panels } from './lesson-link.ts';
import { patternProblem } from '../check/text-pattern.ts';

/** The front matter of `lesson.md` and its `quiz` blocks. The one source of validation, types and the author's reference. */

const variable = z.strictObject({
  label: z.string().min(1).describe('What the learner reads beside the field.'),
  default: z.string().min(1).describe('The value until the learner sets another.'),
  pattern: z
    .string()
    .min(1)
    .superRefine((value, context) => {
      const problem = patternProblem(`/${value}/`);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .optional()
    .describe('A regular expression that the whole value must match, without slashes. Letters, digits, `.`, `_` and `-` are allowed by default.'),
});

const VARIABLE_NAME = /^[a-z][a-zA-Z0-9]*$/;

/** `my-name` is `myName`, `USER` is `user`; undefined where nothing like it can be a name. */
function variableNameLike(name: string): string | undefined {
  const [first = '', ...others] = name.split(/[^a-zA-Z0-9]+/).filter(part => part !== '');
  const begin = first === first.toUpperCase() ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1);
  const like = begin + others.map(part => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return VARIABLE_NAME.test(like) ? like : undefined;
}

const variableName = z.string().superRefine((name, context) => {
  if (VARIABLE_NAME.test(name)) return;
  const like = variableNameLike(name);
  const advice = like === undefined ? ', like `user`' : `. Write \`${like}\``;
  context.addIssue({ code: 'custom', message: `it begins with a small letter and has letters and digits only${advice}` });
});

/** The text between the two `---` at the head of `lesson.md`. */
export const frontMatterSchema = z.strictObject({
  title: z.string().min(1).max(80).describe('As the list of lessons shows it.'),
  summary: z.string().min(1).max(300).describe('What the learner will be able to do, in one or two sentences.'),
  minutes: z.number().int().positive().max(240).describe('How long it takes.'),
  variables: z
    .record(variableName, variable)
    .optional()
    .describe('What the learner sets once; write `{{name}}` for it in texts, code, checks and solutions.'),
  open: workspacePath.optional().describe('The file that is open at the beginning.'),
  panel: z.enum(panels).optional().describe('The panel that is in front at the beginning.'),
  setup: z.array(z.string().min(1)).optional().describe('Commands run in the background when the lesson starts, in /workspace, as root.'),
  cleanup: z
    .array(z.string().min(1))
    .optional()
    .describe('Commands run when the learner starts the lesson again or leaves it for another; they may fail.'),
});

export type FrontMatter = z.infer<typeof frontMatterSchema>;

const question = z.string().min(1).describe('What is asked.');

const choice = z.strictObject({
  question,
  options: z
    .array(
      z.strictObject({
        text: z.string().min(1).describe('The answer to choose.'),
        correct: z.boolean().optional().describe('`true` for each right one. With several, all must be chosen.'),
        why: z.string().min(1).optional().describe('Shown once this answer is chosen: why it is right or wrong.'),
      }),
    )
    .min(2)
    .superRefine((options, context) => {
      const right = options.filter(option => option.correct).length;
      if (right === 0) context.addIssue({ code: 'custom', message: 'needs one with `correct: true`.' });
      if (right === options.length) context.addIssue({ code: 'custom', message: 'needs one that is wrong.' });
    })
    .describe('What can be chosen.'),
});

const answer = z
  .strictObject({
    question,
    answer: pattern.optional().describe('The right answer, or `/…/`. In a plain text, letter case and surrounding spaces do not matter.'),
    answerFrom: z
      .string()
      .min(1)
      .optional()
      .describe('A command whose output, without surrounding spaces, is the right answer: for answers that differ each time.'),
    why: z.string().min(1).optional().describe('Shown with the right answer.'),
    hint: z.string().min(1).optional().describe('Shown with a wrong answer.'),
  })
  .superRefine(({ answer, answerFrom }, context) => {
    if (answer !== undefined && answerFrom !== undefined) {
      context.addIssue({ code: 'custom', path: ['answerFrom'], message: 'cannot be used together with `answer`: keep one.' });
    }
  });

/** What the lab measures that a learner can guess: rows of its table, and whose. */
export const labMeasures = ['time.vm', 'time.container', 'memory.vm', 'memory.container', 'disk.vm', 'disk.container'] as const;

const prediction = z.strictObject({
  question,
  predict: z.enum(['number', 'text']).describe('A guess before a measurement: any answer is accepted, and kept for comparison.'),
  unit: z.string().min(1).optional().describe('Shown after the field: `s`, `MB`.'),
  measure: z
    .enum(labMeasures)
    .optional()
    .describe(
      'What the learner guesses about the lab: the lab’s table then shows the guess beside what is measured. Times are in seconds, the others in megabytes.',
    ),
});

/** The kinds of quiz: known by `options`, `answer` or `answerFrom`, `predict`. */
export const quizSchemas = { choice, answer, prediction } as const;

export type QuizKind = keyof typeof quizSchemas;
export type QuizOf<K extends QuizKind> = z.infer<(typeof quizSchemas)[K]>;
