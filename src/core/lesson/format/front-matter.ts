import type { Problems } from './problems.ts';
import { frontMatterSchema, type FrontMatter } from './lesson-schema.ts';
import { validate } from './validate.ts';
import { variableProblem } from './variables.ts';
import { YamlBlock } from './yaml-block.ts';

/** `lesson.md` in its two parts. */
export interface LessonParts {
  readonly frontMatter?: FrontMatter;
  /** Where a field of the front matter stands. */
  readonly placeOf: YamlBlock['placeOf'];
  /** The Markdown, with empty lines where the front matter stood, so that its lines are those of the file. */
  readonly body: string;
}

const FENCE = /^---[ \t]*$/;

/** Takes `lesson.md` apart and reads its front matter. */
export function readFrontMatter(file: string, text: string, problems: Problems): LessonParts {
  const lines = text.split('\n');
  const start = { file, line: 1, column: 1 };
  const none = { placeOf: () => start, body: text };
  if (!FENCE.test(lines[0] ?? '')) {
    problems.add(start, 'A lesson begins with its front matter: a line `---`, fields like `title: …`, and a line `---`.');
    return none;
  }
  const end = lines.findIndex((line, index) => index > 0 && FENCE.test(line));
  if (end === -1) {
    problems.add(start, 'The front matter is never closed: end it with a line `---`.');
    return { ...none, body: '' };
  }
  const body = [...lines.slice(0, end + 1).map(() => ''), ...lines.slice(end + 1)].join('\n');
  const block = YamlBlock.read({ file, text: lines.slice(1, end).join('\n'), line: 2, indent: 0 }, problems);
  if (!block) return { ...none, body };
  const placeOf: YamlBlock['placeOf'] = path => block.placeOf(path);
  if (!validate(frontMatterSchema, block.value ?? {}, block, [], problems)) return { placeOf, body };
  const frontMatter = block.value as FrontMatter;
  for (const [name, variable] of Object.entries(frontMatter.variables ?? {})) {
    const problem = variableProblem(variable, variable.default);
    if (problem !== undefined) problems.add(block.placeOf(['variables', name, 'default']), `The default does not fit the pattern. ${problem}`);
  }
  return { frontMatter, placeOf, body };
}
