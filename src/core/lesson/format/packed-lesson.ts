import { z } from 'zod';
import { SandboxError } from '../../base/errors.ts';
import { fromBase64, textOf, toBase64 } from '../../base/text.ts';
import { parsePath } from '../../workspace/path.ts';
import { isIgnored, LESSON_FILE, MAX_LESSON_BYTES, MAX_LESSON_FILES } from './lesson-files.ts';

/** A lesson's folder as it was packed. */
export interface LessonFiles {
  readonly id: string;
  /** By their path in the folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const VERSION = 1;

const content = z.union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.string() })]);
const packed = z.object({
  'drydock-lesson': z.literal(VERSION),
  id: z.string().min(1).max(100),
  files: z.record(z.string(), content),
});

/** A lesson's folder as one file, `<id>.lesson.json`. Throws `lesson-invalid` where it is too large. */
export function packLesson(id: string, files: ReadonlyMap<string, Uint8Array>): string {
  const kept = [...files].filter(([path]) => !isIgnored(path)).sort(([one], [other]) => (one < other ? -1 : 1));
  const entries = kept.map(([path, bytes]) => {
    const text = textOf(bytes);
    return [path, text === undefined ? { base64: toBase64(bytes) } : { text }] as const;
  });
  const result = `${JSON.stringify({ 'drydock-lesson': VERSION, id, files: Object.fromEntries(entries) }, undefined, 1)}\n`;
  checkLimits(entries.length, new TextEncoder().encode(result).length);
  return result;
}

/** Reads a packed lesson; throws `lesson-invalid` with the reason. Whether the lesson in it is right `parseLesson` says. */
export function unpackLesson(text: string): LessonFiles {
  // A character takes at least a byte: text that is far too long is not even encoded.
  checkLimits(0, text.length > MAX_LESSON_BYTES ? text.length : new TextEncoder().encode(text).length);
  const { id, files } = readPacked(text);
  const entries = Object.entries(files);
  checkLimits(entries.length, 0);
  if (!Object.hasOwn(files, LESSON_FILE)) throw invalid(`it has no \`${LESSON_FILE}\``);
  return {
    id,
    files: new Map(
      entries.map(([path, one]) => [checkedPath(path), 'text' in one ? new TextEncoder().encode(one.text) : contentOf(path, one.base64)]),
    ),
  };
}

function readPacked(text: string): z.infer<typeof packed> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid('it is not JSON', error);
  }
  const version = (value as Record<string, unknown> | null | undefined)?.['drydock-lesson'];
  if (version === undefined) throw invalid('it has no `drydock-lesson` field');
  if (version !== VERSION) throw invalid(`it was packed in format ${JSON.stringify(version)} and this page knows format ${VERSION}`);
  const result = packed.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`\`${issue?.path.join('.')}\` is not what it should be`, result.error);
}

function checkedPath(path: string): string {
  try {
    return parsePath(path);
  } catch (error) {
    throw invalid((error as Error).message.replace(/\.$/, ''), error);
  }
}

function checkLimits(fileCount: number, byteCount: number): void {
  if (fileCount > MAX_LESSON_FILES) throw invalid(`it has ${fileCount} files, and ${MAX_LESSON_FILES} are allowed`);
  if (byteCount > MAX_LESSON_BYTES) throw invalid(`it takes ${byteCount} bytes, and ${MAX_LESSON_BYTES} are allowed`);
}

function invalid(reason: string, cause?: unknown): SandboxError {
  return new SandboxError('lesson-invalid', `This lesson cannot be used: ${reason}. Pack it again with \`npm run lesson -- pack\`.`, {
    cause,
  });
}

function contentOf(path: string, base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (error) {
    throw invalid(`\`${path}\` is damaged`, error);
  }
}
