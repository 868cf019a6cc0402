import type { Definition, Heading, Root, RootContent } from 'mdast';
import { textOf } from '../../base/text.ts';
import { readFrontMatter, type LessonParts } from './front-matter.ts';
import { LESSON_FILE, sortFolder, type LessonFolder } from './lesson-files.ts';
import type { Lesson, LessonProblem, Step } from '../lesson.ts';
import { parseMarkdown, plainText } from './markdown.ts';
import { Problems } from './problems.ts';
import { readSection, type Section } from './section.ts';
import { report, type SectionContext } from './section-context.ts';
import { suggestion } from './suggest.ts';
import { textExcess } from './text-limits.ts';
import { reportUnknownVariables } from './unknown-variables.ts';
import { markEscapes, variableValues } from './variables.ts';

/** A lesson, or everything that is wrong with it. */
export interface ParsedLesson {
  /** Only where there are no problems. */
  readonly lesson?: Lesson;
  readonly problems: readonly LessonProblem[];
}

/** Reads a lesson's folder; `files` are all its files by their path in it, `id` is its name. */
export function parseLesson(id: string, files: ReadonlyMap<string, Uint8Array>): ParsedLesson {
  const problems = new Problems();
  const folder = sortFolder(files, problems);
  const source = readSource(files, problems);
  const lesson = source === undefined ? undefined : readLesson(id, source, folder, files, problems);
  const found = problems.sorted();
  return lesson && found.length === 0 ? { lesson, problems: [] } : { problems: found };
}

function readSource(files: ReadonlyMap<string, Uint8Array>, problems: Problems): string | undefined {
  const content = files.get(LESSON_FILE);
  const text = content && textOf(content);
  const place = { file: LESSON_FILE, line: 1, column: 1 };
  if (!content) problems.add(place, `The folder has no \`${LESSON_FILE}\`: that file is the lesson.`);
  else if (text === undefined) problems.add(place, 'This file is not UTF-8: save it in that encoding.');
  if (text === undefined) return undefined;
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const excess = textExcess(source);
  if (excess) problems.add({ ...place, line: excess.line }, excess.message);
  return excess ? undefined : markEscapes(source);
}

function readLesson(
  id: string,
  source: string,
  folder: LessonFolder,
  files: ReadonlyMap<string, Uint8Array>,
  problems: Problems,
): Lesson | undefined {
  const parts = readFrontMatter(LESSON_FILE, source, problems);
  const root = parseMarkdown(parts.body);
  const context: SectionContext = {
    file: LESSON_FILE,
    lines: parts.body.split('\n'),
    problems,
    defaults: parts.frontMatter ? variableValues(parts.frontMatter, {}) : {},
    definitions: definitionsOf(root),
    linkedFiles: [],
    savedFiles: new Set(),
  };
  const { introduction, headings } = outlineOf(root);
  const first = readSection(introduction, undefined, context);
  const steps = readSteps(headings, folder, context);
  if (steps.length === 0)
    problems.add({ file: LESSON_FILE, line: 1, column: 1 }, 'The lesson has no steps: begin each with a heading `## Its title`.');
  checkFolder(folder, steps, parts, context);
  // Where the front matter is not right, it is not known which variables there are.
  if (parts.frontMatter)
    reportUnknownVariables({ source, fileLines: fileLinesOf(root) }, files, Object.keys(parts.frontMatter.variables ?? {}), problems);
  return parts.frontMatter && { id, frontMatter: parts.frontMatter, introduction: first.blocks, steps, files: folder.start };
}

function definitionsOf(root: Root): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>();
  for (const node of nodesIn(root.children)) {
    // The first of several counts, as CommonMark says.
    if (node.type === 'definition' && !definitions.has(node.identifier)) definitions.set(node.identifier, node);
  }
  return definitions;
}

/** The lines of blocks that become files. */
function fileLinesOf(root: Root): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const node of nodesIn(root.children)) {
    if (node.type !== 'code' || !/\bfile=/.test(node.meta ?? '')) continue;
    const { start, end } = node.position!;
    for (let line = start.line + 1; line < end.line; line++) lines.add(line);
  }
  return lines;
}

/** All nodes, those inside others too. */
function* nodesIn(nodes: readonly RootContent[]): Generator<RootContent, void, undefined> {
  for (const node of nodes) {
    yield node;
    if ('children' in node) yield* nodesIn(node.children);
  }
}

interface HeadedNodes {
  readonly heading: Heading;
  readonly nodes: RootContent[];
}

function outlineOf(root: Root): { readonly introduction: readonly RootContent[]; readonly headings: readonly HeadedNodes[] } {
  const introduction: RootContent[] = [];
  const headings: HeadedNodes[] = [];
  for (const node of root.children) {
    if (node.type === 'heading' && node.depth === 2) headings.push({ heading: node, nodes: [] });
    else (headings.at(-1)?.nodes ?? introduction).push(node);
  }
  return { introduction, headings };
}

function readSteps(headings: readonly HeadedNodes[], folder: LessonFolder, context: SectionContext): readonly Step[] {
  const ids = new Map<string, number>();
  return headings.map(({ heading, nodes }) => {
    const { title, id } = readHeading(heading, context);
    const earlier = ids.get(id);
    if (id !== '' && earlier !== undefined)
      report(heading, context, `The step on line ${earlier} has the id \`${id}\` too: write another \`{#id}\` after this title.`);
    ids.set(id, heading.position?.start.line ?? 1);
    return stepOf(id, title, readSection(nodes, id, context), folder);
  });
}

function stepOf(id: string, title: string, section: Section, folder: LessonFolder): Step {
  const { blocks, checks, quizzes, solution } = section;
  return { id, title, blocks, checks, quizzes, solution: { files: folder.solutions.get(id) ?? new Map(), lines: solution } };
}

function readHeading(heading: Heading, context: SectionContext): { readonly title: string; readonly id: string } {
  const text = plainText(heading).trim();
  const [, before = '', braced] = /^(.*?)\s*\{#([^}]*)\}$/s.exec(text) ?? [];
  const title = braced === undefined ? text : before;
  const id = braced ?? slugOf(title);
  if (title === '') report(heading, context, 'This step has no title.');
  else if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
    report(
      heading,
      context,
      braced === undefined
        ? 'No id can be made from this title: write `{#id}` after it.'
        : `\`{#${id}}\` is not an id: use small letters, digits and \`-\`.`,
    );
  }
  return { title, id };
}

/** `It's here, {{user}}` → `its-here-user`. */
function slugOf(title: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

/** What the text and the folder say about each other. */
function checkFolder(folder: LessonFolder, steps: readonly Step[], parts: LessonParts, context: SectionContext): void {
  const { problems, linkedFiles, savedFiles } = context;
  const ids = steps.map(step => step.id);
  for (const [id, files] of folder.solutions) {
    const [path = ''] = files.keys();
    if (!ids.includes(id)) problems.add({ file: `solution/${id}/${path}`, line: 1, column: 1 }, `There is no step \`${id}\`. ${suggestion(id, ids)}`);
  }
  const open = parts.frontMatter?.open;
  if (open !== undefined && !folder.start.has(open)) {
    problems.add(parts.placeOf(['open']), `There is no \`files/${open}\`: \`open\` names a file that the lesson begins with.`);
  }
  const known = [...folder.start.keys(), ...savedFiles, ...[...folder.solutions.values()].flatMap(files => [...files.keys()])];
  for (const { path, place } of linkedFiles) {
    if (!known.includes(path)) {
      problems.add(
        place,
        `No file \`${path}\` is in \`files/\` or \`solution/\`, and no block saves it (\`file=${path}\`). ${suggestion(path, known)}`,
      );
    }
  }
}
