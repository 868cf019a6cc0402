import type { Quiz } from '../lesson.ts';
import { quizSchemas, type QuizKind } from './lesson-schema.ts';
import type { Problems } from './problems.ts';
import type { SectionContext } from './section-context.ts';
import { nearest, quotedList } from './suggest.ts';
import { validate } from './validate.ts';
import { replaceDeep, substitute } from './variables.ts';
import { YamlBlock, type YamlSource } from './yaml-block.ts';

/** Reads a `quiz` block: one question. */
export function readQuiz(source: YamlSource, id: string, context: SectionContext): Quiz | undefined {
  const { problems, defaults } = context;
  const block = YamlBlock.read(source, problems);
  if (!block) return undefined;
  const { value } = block;
  const place = block.placeOf([]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(place, 'A `quiz` block holds one question: fields, the first of them `question: …`. Write a block for each question.');
    return undefined;
  }
  const kind = kindOf(value);
  if (!kind) {
    reportNoAnswer(value, block, problems);
    return undefined;
  }
  const isValid = validate(
    quizSchemas[kind],
    replaceDeep(value, text => substitute(text, defaults)),
    block,
    [],
    problems,
  );
  return isValid ? ({ id, kind, source: value, place } as Quiz) : undefined;
}

/** A question without an answer, or with one whose field is misspelt. */
function reportNoAnswer(value: object, block: YamlBlock, problems: Problems): void {
  for (const [name, content] of Object.entries(value)) {
    // A list is what can be chosen, whatever its name is.
    const near = Array.isArray(content) ? 'options' : nearest(name, ANSWER_FIELDS);
    if (near === undefined || name === 'question') continue;
    problems.add(block.placeOfName([name]), `Unknown field \`${name}\`. Did you mean \`${near}\`?`);
    return;
  }
  problems.add(block.placeOf([]), `This question has no answer: give it one of ${quotedList(ANSWER_FIELDS)}.`);
}

const ANSWER_FIELDS = ['options', 'answer', 'answerFrom', 'predict'];

function kindOf(value: object): QuizKind | undefined {
  if ('options' in value) return 'choice';
  if ('predict' in value) return 'prediction';
  return 'answer' in value || 'answerFrom' in value ? 'answer' : undefined;
}
