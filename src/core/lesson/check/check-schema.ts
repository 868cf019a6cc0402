import { z } from 'zod';
import { parsePath } from '../../workspace/path.ts';
import { patternProblem } from './text-pattern.ts';

/**
 * What a check asks for, as an author writes it in a `check` block of a lesson. These schemas are the one source: of validation, of the
 * types below and of the author's reference (docs/lesson-reference.md), so each field says what it means.
 */

/** A text that must occur, or `/…/flags` for a regular expression. */
export const pattern = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    const problem = patternProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .describe('A text that must occur, or a regular expression between slashes, like `/Hello,? world/i`; `^` and `$` are the ends of a line.');
const patterns = z.union([pattern, z.array(pattern).min(1)]).describe('One pattern, or a list that must all match.');
const exists = z.boolean().describe('`false` asks that it does not exist. The default is `true`.');
const name = z.string().min(1);
const port = z.number().int().min(1).max(65_535);

/** A path in the workspace. */
export const workspacePath = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    try {
      parsePath(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not a path in the workspace: write it like `app.py` or `site/index.html`.' });
    }
  });

/** Where something is not to be there, nothing more can be asked of it. */
function absentAlone(check: { readonly exists?: boolean | undefined }, context: z.RefinementCtx): void {
  if (check.exists !== false) return;
  const [, ...others] = Object.keys(check).filter(field => !['exists', 'say', 'hint'].includes(field));
  for (const field of others) {
    context.addIssue({ code: 'custom', path: [field], message: 'cannot be asked of something that must not exist (`exists: false`).' });
  }
}

/** What every check may say besides. */
const common = {
  say: z
    .string()
    .min(1)
    .optional()
    .describe('What must be true, as the learner reads it in the list of checks. The default is a sentence made from the check.'),
  hint: z.string().min(1).optional().describe('What to try when the check fails.'),
};

const file = z
  .strictObject({
    file: workspacePath.describe('A file in the workspace, like `app.py` or `site/index.html`.'),
    exists: exists.optional(),
    contains: patterns.optional().describe('What it must contain.'),
    lacks: patterns.optional().describe('What it must not contain.'),
    ...common,
  })
  .superRefine(absentAlone);

const dockerfile = z.strictObject({
  dockerfile: workspacePath.describe('A Dockerfile in the workspace.'),
  instructions: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Instructions that it must contain in this order, perhaps with others between them: `COPY` alone, or with arguments, `WORKDIR /app`. Spaces and the letter case of the keyword do not matter; what follows the keyword may be `/…/`.',
    ),
  lacks: z.array(z.string().min(1)).optional().describe('Instructions that it must not contain, written in the same way.'),
  stages: z.number().int().positive().optional().describe('How many build stages (`FROM`) it has.'),
  ...common,
});

const image = z
  .strictObject({
    image: name.describe('An image in the engine, like `student/hello:v1`.'),
    exists: exists.optional(),
    base: name.optional().describe('An image whose layers it must begin with.'),
    ownLayers: z.number().int().nonnegative().optional().describe('How many layers it has above those of `base`, which must be given.'),
    smallerThan: name.optional().describe('An image that must be larger.'),
    command: z.array(z.string()).optional().describe('The exact CMD, word by word.'),
    entrypoint: z.array(z.string()).optional().describe('The exact ENTRYPOINT, word by word.'),
    exposes: port.optional().describe('A port that EXPOSE names.'),
    user: z.string().optional().describe('The exact USER.'),
    workdir: z.string().optional().describe('The exact WORKDIR.'),
    environment: z.record(z.string(), pattern).optional().describe("Variables that ENV sets, and what their values must show: `{ PORT: '80' }`."),
    ...common,
  })
  .superRefine(absentAlone);

const container = z
  .strictObject({
    container: z
      .union([name, z.strictObject({ image: name.describe('The image it was made from.') })])
      .describe('The name of a container, or `{ image: … }` for any container of an image.'),
    exists: exists.optional(),
    state: z.enum(['created', 'running', 'paused', 'exited']).optional().describe('What it must be doing.'),
    exitCode: z.number().int().optional().describe('How its last run ended.'),
    publishes: port.optional().describe('A port of the machine that leads to it (`-p 8888:5000` publishes 8888).'),
    network: name.optional().describe('A network that it is on.'),
    volume: name.optional().describe('A volume that it uses.'),
    environment: z
      .record(z.string(), pattern)
      .optional()
      .describe('Variables that it was given, by `docker run -e` or by its image, and what their values must show: `{ COLOUR: red }`.'),
    logs: patterns.optional().describe('What its output must contain, as `docker logs` shows it.'),
    ...common,
  })
  .superRefine(absentAlone);

const network = z.strictObject({ network: name.describe('A network of the engine.'), exists: exists.optional(), ...common }).superRefine(absentAlone);
const volume = z.strictObject({ volume: name.describe('A volume of the engine.'), exists: exists.optional(), ...common }).superRefine(absentAlone);

const http = z.strictObject({
  http: z
    .string()
    .regex(/^:?\d{1,5}(\/\S*)?$/, 'must be a port and a path, like `8888/` or `8888/about`.')
    .describe('A published port and a path, like `8888/`.'),
  status: z.number().int().min(100).max(599).optional().describe('The default is 200.'),
  body: patterns.optional().describe('What the answer must contain.'),
  ...common,
});

const command = z.strictObject({
  command: z
    .string()
    .min(1)
    .describe('A shell command line, run as root in /workspace where the learner does not see it. It must only look, never change anything.'),
  exitCode: z.number().int().optional().describe('The default is 0.'),
  output: patterns.optional().describe('What its output must show.'),
  ...common,
});

const typed = z.strictObject({
  typed: patterns.describe(
    'A command line that the learner must have entered in a terminal of the sandbox during this step. Several spaces count as one. The patterns of a list must all match the same line.',
  ),
  exitCode: z
    .union([z.number().int(), z.literal('any')])
    .optional()
    .describe('How it must have ended: 0 by default, `any` for any exit code.'),
  ...common,
});

/** What the lab of containers and virtual machines can be asked. */
export const labMoments = ['vm-answered', 'container-answered', 'vm-stopped', 'vm-kernel-crashed', 'container-stopped'] as const;
export type LabMoment = (typeof labMoments)[number];

const lab = z.strictObject({
  lab: z.enum(labMoments).describe('Something that has happened in the lab during this step.'),
  ...common,
});

/** The kinds of check: each is known by the field that has its name. */
export const checkSchemas = { file, dockerfile, image, container, network, volume, http, command, typed, lab } as const;

export type CheckKind = keyof typeof checkSchemas;

/** One check as an author writes it. */
export type CheckSource = { [K in CheckKind]: z.infer<(typeof checkSchemas)[K]> }[CheckKind];

/** The check of one kind. */
export type CheckOf<K extends CheckKind> = z.infer<(typeof checkSchemas)[K]>;
