import type { Code, RootContent } from 'mdast';
import type { ContainerDirective } from 'mdast-util-directive';
import { readChecks } from './check-block.ts';
import { cleanText } from './clean-text.ts';
import { instructionBlocks, readCodeBlock, reportUnclosed } from './code-block.ts';
import type { Block, Check, Quiz, SolutionLine } from '../lesson.ts';
import { directiveLabel, isDirectiveClosed } from './markdown.ts';
import { readQuiz } from './quiz-block.ts';
import { placeOf, report, type SectionContext } from './section-context.ts';
import { readSolution } from './solution-lines.ts';

/** A step's content, or the content before the first step. */
export interface Section {
  readonly blocks: readonly Block[];
  readonly checks: readonly Check[];
  readonly quizzes: readonly Quiz[];
  readonly solution: readonly SolutionLine[];
}

/** Reads the nodes below a heading; `stepId` is undefined for the introduction. */
export function readSection(nodes: readonly RootContent[], stepId: string | undefined, context: SectionContext): Section {
  const reader = new SectionReader(stepId, context);
  const blocks = reader.read(nodes, false);
  return { blocks, checks: reader.checks, quizzes: reader.quizzes, solution: reader.solution };
}

class SectionReader {
  readonly checks: Check[] = [];
  readonly quizzes: Quiz[] = [];
  readonly solution: SolutionLine[] = [];
  readonly #stepId: string | undefined;
  readonly #context: SectionContext;

  constructor(stepId: string | undefined, context: SectionContext) {
    this.#stepId = stepId;
    this.#context = context;
  }

  read(nodes: readonly RootContent[], isInHint: boolean): readonly Block[] {
    const blocks: Block[] = [];
    let text: RootContent[] = [];
    const endText = (): void => {
      if (text.length > 0) blocks.push({ kind: 'text', content: text });
      text = [];
    };
    for (const node of nodes) {
      const isSpecial = node.type === 'code' || (node.type === 'containerDirective' && !isInHint);
      if (isSpecial) {
        endText();
        blocks.push(...this.#special(node, isInHint));
      } else {
        const cleaned = cleanText(node, this.#context);
        if (cleaned) text.push(cleaned);
      }
    }
    endText();
    return blocks;
  }

  #special(node: Code | ContainerDirective, isInHint: boolean): readonly Block[] {
    if (node.type === 'containerDirective') return this.#hint(node);
    reportUnclosed(node, this.#context);
    const instruction = instructionBlocks.find(name => name === node.lang);
    if (!instruction) return [{ kind: 'code', code: readCodeBlock(node, this.#context) }];
    if (node.meta) report(node, this.#context, `Nothing may follow \`${instruction}\` on its line.`);
    if (isInHint) report(node, this.#context, `A \`${instruction}\` block must stand by itself: not in a hint.`);
    else if (this.#stepId === undefined) report(node, this.#context, `A \`${instruction}\` block belongs to a step: put it below a \`## \` heading.`);
    else return this.#instruction(instruction, node, this.#stepId);
    return [];
  }

  #instruction(kind: (typeof instructionBlocks)[number], node: Code, stepId: string): readonly Block[] {
    const context = this.#context;
    const { line, column } = placeOf(node, context);
    const yaml = { file: context.file, text: node.value, line: line + 1, indent: column - 1 };
    switch (kind) {
      case 'check':
        this.checks.push(...readChecks(yaml, `${stepId}/check-`, this.checks.length, context));
        return [];
      case 'quiz': {
        const quiz = readQuiz(yaml, `${stepId}/quiz-${this.quizzes.length + 1}`, context);
        if (!quiz) return [];
        this.quizzes.push(quiz);
        return [{ kind: 'quiz', quiz }];
      }
      case 'solution':
        this.solution.push(...readSolution(node.value, index => ({ file: context.file, line: line + 1 + index, column }), context.problems));
        return [];
    }
  }

  #hint(node: ContainerDirective): readonly Block[] {
    const context = this.#context;
    if (node.name !== 'hint') {
      report(node, context, `\`:::${node.name}\` is unknown: write \`:::hint[Its title]\`.`);
      return [];
    }
    if (!isDirectiveClosed(node)) report(node, context, 'This hint is never closed: end it with `:::` on a line of its own.');
    if (Object.keys(node.attributes ?? {}).length > 0) report(node, context, 'A hint has a title in brackets and nothing in braces.');
    const title = directiveLabel(node);
    return [{ kind: 'hint', title: title ?? 'Hint', blocks: this.read(title === undefined ? node.children : node.children.slice(1), true) }];
  }
}
