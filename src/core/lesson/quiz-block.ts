import type { Quiz } from './lesson.ts';
import { quizSchemas, type QuizKind } from './lesson-schema.ts';
import type { SectionContext } from './section-context.ts';
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
    problems.add(place, 'This question has no answer: give it `options`, `answer`, `answerFrom` or `predict`.');
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

function kindOf(value: object): QuizKind | undefined {
  if ('options' in value) return 'choice';
  if ('predict' in value) return 'prediction';
  return 'answer' in value || 'answerFrom' in value ? 'answer' : undefined;
}
