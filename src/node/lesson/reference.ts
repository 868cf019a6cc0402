import { checkSchemas } from '../../core/lesson/check/check-schema.ts';
import { languages } from '../../core/lesson/format/code-block.ts';
import { MAX_LESSON_BYTES, MAX_LESSON_FILES } from '../../core/lesson/format/lesson-files.ts';
import { linkForms, panels } from '../../core/lesson/format/lesson-link.ts';
import { labActions } from '../../core/lesson/format/solution-lines.ts';
import { MAX_PATTERN_LENGTH } from '../../core/lesson/check/text-pattern.ts';
import { frontMatterSchema, quizSchemas } from '../../core/lesson/format/lesson-schema.ts';
import { expectation, jsonSchemaOf, type JsonSchema } from '../../core/lesson/format/validate.ts';

/** Where the reference stands, from the project's root. */
export const referenceFile = 'docs/lesson-reference.md';

/** What all checks have, told once. */
const COMMON_FIELDS = ['say', 'hint'];

const quizTitles = {
  choice: 'With options to choose from',
  answer: 'With an answer to write',
  prediction: 'A prediction',
} as const;

/** The author's reference: every field that a lesson may have, as its schemas say. */
export function lessonReference(): string {
  const checks = Object.entries(checkSchemas).map(([kind, schema]) => section(`### \`${kind}\``, schemaTable(jsonSchemaOf(schema), COMMON_FIELDS)));
  const quizzes = Object.entries(quizSchemas).map(([kind, schema]) =>
    section(`### ${quizTitles[kind as keyof typeof quizTitles]}`, schemaTable(jsonSchemaOf(schema))),
  );
  const common = jsonSchemaOf(checkSchemas.file);
  const everyCheck = Object.fromEntries(COMMON_FIELDS.map(name => [name, common.properties![name]!]));
  return `${[
    '# Lesson reference',
    '<!-- Written by `npm run lesson -- reference` from what src/core/lesson says: change it there. -->',
    'This page lists every field that a lesson may have. [lessons.md](lessons.md) says how to write a lesson. A field in **bold** is required. An unknown field is an error.',
    section('## Front matter', schemaTable(jsonSchemaOf(frontMatterSchema))),
    ...writing(),
    section('## Checks', CHECKS),
    schemaTable({ properties: everyCheck }),
    section('### Patterns', PATTERNS),
    ...checks,
    section('## Quizzes', 'A `quiz` block holds one question.'),
    ...quizzes,
    section('## Limits', limits()),
  ].join('\n\n')}\n`;
}

const CHECKS =
  'A `check` block is a list; each item has a field with the name of its kind. In addition to the fields of its kind, every check may have:';

const PATTERNS =
  '`contains`, `lacks`, `body`, `output`, `logs`, `typed`, `answer` and the values of `environment` are patterns: a text that must occur, with exactly these letters and spaces, or a ' +
  'regular expression (with the syntax of JavaScript, but without `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)` and `\\1`) between slashes. `^` and `$` are the ends of a line. `i` (letter case does not matter) and `s` (`.` also stands for the end of a line) may follow the last slash. ' +
  'For `typed`, a text stands for whole words of the command line: `docker ps` fits `docker ps -a`. For `answer`, the pattern must fit the whole answer.';

/** What may stand in the text. */
function writing(): readonly string[] {
  const names = (list: readonly string[]): string => list.map(name => `\`${name}\``).join(', ');
  return [
    section(
      '## Blocks of code',
      `The first line of a block is its language: ${names(Object.keys(languages))}. \`sh\` and \`bash\` have a Run button, \`console\` (output to compare with) has none, all others have Copy. \`norun\` (Copy only) or \`file=NAME\` (a button that saves the block as that file) may follow the language.`,
    ),
    section('## Links', `A link leads to a place of the page or to the web: ${names(linkForms)}. Panels: ${names(panels)}.`),
    section(
      '## Solutions',
      `A line of a \`solution\` block is a command; \`> text\` is typed into the running program, once it shows a prompt; \`^C\` and \`^D\` are keys; \`lab: …\` does something in the lab: ${names(labActions)}. A line that begins with \`#\` is for the author. A \`\\\` at the end joins the next line.`,
    ),
  ];
}

function limits(): string {
  return `A lesson has ${MAX_LESSON_FILES} files at most and takes ${MAX_LESSON_BYTES / 1024 / 1024} MB at most when it is packed. A pattern has ${MAX_PATTERN_LENGTH} characters at most, and a regular expression is searched for in the first million characters of a text. Checks read the last 2000 lines of a container's output, 256 kB at most.`;
}

function section(title: string, text: string): string {
  return `${title}\n\n${text}`;
}

interface Row {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** A table of an object's fields; those of objects inside stand below their own. */
function schemaTable(schema: JsonSchema, without: readonly string[] = []): string {
  const rows = rowsOf(schema, '').filter(row => !without.includes(row.name));
  const lines = rows.map(({ name, schema: field, isRequired }) => {
    const shown = isRequired ? `**\`${name}\`**` : `\`${name}\``;
    return `| ${shown} | ${cell(expectation(field))} | ${cell(field.description ?? '')} |`;
  });
  return ['| field | value | meaning |', '|---|---|---|', ...lines].join('\n');
}

function rowsOf(schema: JsonSchema, prefix: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const row = { name: `${prefix}${name}`, schema: field, isRequired: schema.required?.includes(name) ?? false };
    return [row, ...rowsInside(field, row.name)];
  });
}

function rowsInside(field: JsonSchema, name: string): readonly Row[] {
  if (field.items?.properties) return rowsOf(field.items, `${name}[].`);
  if (field.additionalProperties && field.additionalProperties.properties) return rowsOf(field.additionalProperties, `${name}.NAME.`);
  const choice = field.anyOf?.find(one => one.properties);
  return choice ? rowsOf(choice, `${name}.`) : rowsOf(field, `${name}.`);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
