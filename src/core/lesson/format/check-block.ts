import { checkSchemas, type CheckKind } from '../check/check-schema.ts';
import type { Check } from '../lesson.ts';
import type { SectionContext } from './section-context.ts';
import { nearest, quotedList } from './suggest.ts';
import { fieldsOf, jsonSchemaOf, validate } from './validate.ts';
import { replaceDeep, substitute } from './variables.ts';
import { YamlBlock, type YamlSource } from './yaml-block.ts';

const kinds = Object.keys(checkSchemas) as CheckKind[];
/** Their checks have fields with the names of other kinds (`container: …, network: …`), so these are looked for first. */
const KINDS_BY_RANK: readonly CheckKind[] = ['container', 'image', ...kinds.filter(kind => kind !== 'container' && kind !== 'image')];

/** Reads a `check` block: a list. `firstIndex` checks of the step stand before it. */
export function readChecks(source: YamlSource, idPrefix: string, firstIndex: number, context: SectionContext): readonly Check[] {
  const { problems } = context;
  const block = YamlBlock.read(source, problems);
  if (!block) return [];
  if (!Array.isArray(block.value) || block.value.length === 0) {
    problems.add(block.placeOf([]), 'A `check` block is a list: write `- ` before each check, like `- file: app.py`.');
    return [];
  }
  return block.value.flatMap((value: unknown, index) => readCheck(value, index, `${idPrefix}${firstIndex + index + 1}`, block, context) ?? []);
}

function readCheck(value: unknown, index: number, id: string, block: YamlBlock, context: SectionContext): Check | undefined {
  const { problems, defaults } = context;
  const place = block.placeOf([index]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(place, `A check is a field with a value, like \`- file: app.py\`. Known: ${quotedList(kinds)}.`);
    return undefined;
  }
  const kind = KINDS_BY_RANK.find(one => Object.hasOwn(value, one));
  if (!kind) {
    const [first = ''] = Object.keys(value);
    const near = nearest(first, kinds);
    problems.add(place, `Unknown kind of check \`${first}\`. ${near === undefined ? `Known: ${quotedList(kinds)}.` : `Did you mean \`${near}\`?`}`);
    return undefined;
  }
  const others = otherKinds(kind, value);
  if (others.length > 0) {
    const [other = ''] = others;
    problems.add(
      block.placeOfName([index, other]),
      `A check has one kind, and this one has ${others.length === 1 ? 'two' : 'several'}: ${quotedList([kind, ...others])}. Write a check for each: ` +
        `\`- ${other}: …\` on a line of its own.`,
    );
    return undefined;
  }
  const isValid = validate(
    checkSchemas[kind],
    replaceDeep(value, text => substitute(text, defaults)),
    block,
    [index],
    problems,
  );
  return isValid ? ({ id, kind, source: value, place } as Check) : undefined;
}

/** The kinds that a check has besides its own: `network` is a field of a container's check, and a kind of its own beside `file`. */
function otherKinds(kind: CheckKind, value: object): readonly CheckKind[] {
  const fields = fieldsOf(jsonSchemaOf(checkSchemas[kind]));
  return kinds.filter(other => Object.hasOwn(value, other) && !Object.hasOwn(fields, other));
}
