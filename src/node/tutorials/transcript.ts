import { z } from 'zod';

/** The kinds of things that tutorials do, in the order in which the report shows them. */
export const KINDS = [
  'run',
  'lifecycle',
  'images',
  'volumes',
  'networks',
  'limits',
  'build',
  'buildkit',
  'multi-stage',
  'healthcheck',
  'compose',
  'apt',
  'pip',
  'npm',
  'registry',
  'databases',
  'web servers',
  'swarm',
  'prompt tools',
  'projects',
  'refusals',
] as const;

export type Kind = (typeof KINDS)[number];

/** Text that must be there, or `/a pattern/flags`. */
const pattern = z.string().min(1).refine(isPattern, 'This is not a regular expression.');
const patterns = z.union([pattern.transform(one => [one]), z.array(pattern).min(1)]);
const seconds = z.number().positive().max(1800);

/** What a step must show and must not show, and for how long it is waited for. */
const looks = { shows: patterns.optional(), hides: patterns.optional(), within: seconds.optional() };

/** An exit code, or `fail` for any but 0, or `any`. */
const exit = z.union([z.int().min(0).max(255), z.enum(['any', 'fail'])]);

const runStep = z.strictObject({ run: z.string().trim().min(1), exit: exit.optional(), again: z.boolean().optional(), ...looks });
const typeStep = z.strictObject({ type: z.string(), exit: exit.optional(), ...looks });
const pressStep = z.strictObject({ press: z.enum(['C', 'D']), exit: exit.optional(), ...looks });
const httpStep = z.strictObject({
  http: z.string().regex(/^\d+\/[\x21-\x7e]*$/, 'Write a port and a path: `8080/`.'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  send: z.string().optional(),
  status: z.int().min(100).max(599).optional(),
  ...looks,
});
const file = z.union([z.string(), z.strictObject({ content: z.string(), executable: z.boolean().optional() })]);
const files = z.record(z.string().min(1), file);
const writeStep = z.strictObject({ write: files });

const step = z.union([runStep, typeStep, pressStep, httpStep, writeStep]);

const transcript = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'A name has small letters, digits and `-`.'),
  /** What tutorials do here, in our own words. */
  idea: z.string().trim().min(10),
  /** Is it one of those that every run of the tests replays? */
  ci: z.boolean().optional(),
  files: files.optional(),
  steps: z.array(step).min(1),
  /** The learner has switched on that the nearest image answers where one is not here. */
  nearest: z.boolean().optional(),
  /** Commands for what the general cleaning does not know. */
  cleanup: z.array(z.string()).optional(),
});

/** A file of transcripts. */
export const transcriptFile = z.strictObject({ kind: z.enum(KINDS), transcripts: z.array(transcript).min(1) });

export type RunStep = z.output<typeof runStep>;
export type TypeStep = z.output<typeof typeStep>;
export type PressStep = z.output<typeof pressStep>;
export type HttpStep = z.output<typeof httpStep>;
export type WriteStep = z.output<typeof writeStep>;
export type Step = RunStep | TypeStep | PressStep | HttpStep | WriteStep;
export type TranscriptFiles = Readonly<Record<string, z.output<typeof file>>>;

/** What somebody who follows a tutorial does, and what must come of it. */
export interface Transcript extends Readonly<z.output<typeof transcript>> {
  readonly kind: Kind;
}

/** Does a step say more than that a command ended well? */
export function expectsSomething(one: Step): boolean {
  if ('write' in one) return false;
  return one.shows !== undefined || ('status' in one && one.status !== undefined) || ('exit' in one && one.exit !== undefined && one.exit !== 'any');
}

/** The regular expression of `/…/flags`; undefined for plain text. */
export function expressionOf(text: string): RegExp | undefined {
  const [, source, flags = ''] = /^\/(.+)\/([ims]*)$/s.exec(text) ?? [];
  return source === undefined ? undefined : new RegExp(source, flags);
}

function isPattern(text: string): boolean {
  try {
    expressionOf(text);
    return true;
  } catch {
    return false;
  }
}
