import { z } from 'zod';
import type { Problems } from './problems.ts';
import { suggestion, quotedList } from './suggest.ts';
import type { ValuePath, YamlBlock } from './yaml-block.ts';

/** What the messages need of a JSON Schema. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

type Issue = z.core.$ZodIssue;

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

/** The schema as data: for messages and for the author's reference. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = jsonSchemas.get(schema) ?? (z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
  jsonSchemas.set(schema, known);
  return known;
}

/** Says of a value at `path` of a block what the schema does not allow, each at its place. True where there is nothing to say. */
export function validate(schema: z.ZodType, value: unknown, block: YamlBlock, path: ValuePath, problems: Problems): boolean {
  const result = schema.safeParse(value);
  if (result.success) return true;
  const shape = jsonSchemaOf(schema);
  for (const issue of result.error.issues.flatMap(innermost)) {
    report(issue, { value, shape, block, path, problems });
  }
  return false;
}

interface Context {
  readonly value: unknown;
  readonly shape: JsonSchema;
  readonly block: YamlBlock;
  readonly path: ValuePath;
  readonly problems: Problems;
}

/** Of a choice between schemas, the issues of the one whose type the value has. */
function innermost(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find(errors => !errors.some(error => error.path.length === 0 && error.code !== 'unrecognized_keys'));
  return meant ? meant.flatMap(error => innermost({ ...error, path: [...issue.path, ...error.path] })) : [issue];
}

function report(issue: Issue, context: Context): void {
  const { shape, block, path, problems, value } = context;
  const at = [...path, ...issue.path];
  const schema = schemaAt(shape, issue.path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      problems.add(block.placeOfName([...at, key]), `Unknown field \`${key}\`. ${suggestion(key, Object.keys(fieldsOf(schema)))}`);
    }
    return;
  }
  const name = subjectOf(at);
  if (issue.code === 'invalid_key') {
    problems.add(block.placeOfName(at), `The name \`${String(at.at(-1))}\` cannot be used: ${issue.issues[0]?.message ?? 'choose another'}.`);
    return;
  }
  const found = { value: valueAt(value, issue.path), written: valueAt(block.value, at), field: at.at(-1) };
  const isMissing = found.value === undefined && issue.path.length > 0;
  const place = isMissing ? block.placeOf(at.slice(0, -1)) : block.placeOf(at);
  problems.add(place, isMissing ? missing(name, schema) : `${name} ${wrong(issue, schema, found)}`);
}

/** A value that does not do. */
interface Found {
  readonly value: unknown;
  /** As written in the file, with its variables. */
  readonly written: unknown;
  /** The name of its field, or its index in a list. */
  readonly field: PropertyKey | undefined;
}

function missing(name: string, schema: JsonSchema | undefined): string {
  return schema?.description === undefined ? `${name} is missing.` : `${name} is missing: ${schema.description}`;
}

/** `open`, or "Item 2 of `setup`", or "This". */
function subjectOf(path: ValuePath): string {
  const last = path.at(-1);
  if (typeof last === 'string') return `\`${last}\``;
  const list = [...path].reverse().find(part => typeof part === 'string');
  return typeof last === 'number' && typeof list === 'string' ? `Item ${last + 1} of \`${list}\`` : 'This';
}

function wrong(issue: Issue, schema: JsonSchema | undefined, found: Found): string {
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'number' || issue.origin === 'int')
        return `must be ${issue.minimum} or more${issue.inclusive === false ? ' (not itself)' : ''}.`;
      return issue.origin === 'array'
        ? `needs ${Number(issue.minimum) === 1 ? 'an item' : `${issue.minimum} items`} at least.`
        : 'must not be empty.';
    case 'too_big':
      return issue.origin === 'string' ? `must not be longer than ${issue.maximum} characters.` : `must not be more than ${issue.maximum}.`;
    case 'invalid_value':
    case 'invalid_type':
    case 'invalid_union':
      return `must be ${schema ? expectation(schema) : 'something else'}; this is ${shown(found)}.${schema ? help(schema, found) : ''}`;
    default:
      return issue.message;
  }
}

/** What a schema takes, in words. */
export function expectation(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(expectation).join(' or ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return `one of ${quotedList(schema.enum.map(String))}`;
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return schema.items?.type === 'string' ? 'a list of texts' : 'a list';
    default:
      return schema.properties ? `fields (${quotedList(Object.keys(schema.properties))})` : 'fields';
  }
}

/** A text with variables in it as it was written, and as it was checked. */
function shown({ value, written }: Found): string {
  if (typeof value !== 'string' || typeof written !== 'string' || value === written) return describe(value);
  return `${describe(written)}, with the defaults of its variables ${describe(value)}`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a set of fields';
  if (typeof value === 'string') return `\`${value}\``;
  return typeof value === 'number' ? `the number ${value}` : `\`${String(value)}\``;
}

/** What to write instead, where it can be told from what was written. */
function help(schema: JsonSchema, { field, value, written }: Found): string {
  const takes = (type: string): boolean => [schema, ...(schema.anyOf ?? [])].some(one => one.type === type && !one.enum && one.const === undefined);
  // YAML reads `3` as a number and `true` as a truth value: quotes make it text.
  if (takes('string')) return typeof value === 'number' || typeof value === 'boolean' ? ` Put it into quotes: '${value}'.` : '';
  if (typeof value !== 'string') return '';
  const isNumber = takes('integer') || takes('number');
  if (value !== written && (isNumber || takes('boolean'))) return ' A variable is always text and cannot be used here: write the value itself.';
  if (isNumber) return numberHelp(value);
  if (takes('boolean')) return truthHelp(value);
  const isList = schema.type === 'array' && schema.items?.type === 'string' && typeof field === 'string';
  return isList ? ` Write it as a list, even if it has one item: \`${field}: [ '${value.replaceAll("'", "''")}' ]\`.` : '';
}

function numberHelp(value: string): string {
  const [number] = /^\s*\d+/.exec(value) ?? [];
  if (number === undefined) return '';
  return number === value ? ` Write it without quotes: ${number}.` : ` Write only the number: ${number.trim()}.`;
}

/** YAML once read these as truth values. */
function truthHelp(value: string): string {
  const word = value.trim().toLowerCase();
  const truth = ['true', 'yes', 'on'].includes(word) ? 'true' : ['false', 'no', 'off'].includes(word) ? 'false' : undefined;
  return truth === undefined ? '' : ` Write ${truth}, without quotes.`;
}

/** The fields that an object schema knows, also where it is one of several. */
export function fieldsOf(schema: JsonSchema | undefined): Readonly<Record<string, JsonSchema>> {
  return schema?.properties ?? Object.assign({}, ...(schema?.anyOf ?? []).map(fieldsOf));
}

function schemaAt(root: JsonSchema, path: ValuePath): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root;
  for (const part of path) schema = schema && schemaInside(schema, part);
  return schema;
}

function schemaInside(schema: JsonSchema, part: PropertyKey): JsonSchema | undefined {
  for (const one of schema.anyOf ?? []) {
    const inside = schemaInside(one, part);
    if (inside) return inside;
  }
  return typeof part === 'number' ? schema.items : (schema.properties?.[String(part)] ?? (schema.additionalProperties || undefined));
}

function valueAt(root: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part], root);
}
