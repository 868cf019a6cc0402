import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import { MAX_LESSON_BYTES } from '../../../core/lesson/format/lesson-files.ts';

/** Where a lesson comes from. */
export type LessonSource =
  /** One of the site's own course. */
  | { readonly kind: 'course'; readonly id: string }
  /** Anyone's, by its address. */
  | { readonly kind: 'address'; readonly url: string }
  /** A folder that was dropped on this page, now or on an earlier visit. */
  | { readonly kind: 'dropped'; readonly id: string }
  /** Given by a page around this one: the text of a packed lesson. */
  | { readonly kind: 'packed'; readonly text: string };

const DROPPED = 'dropped:';
const COURSE_ID = /^[a-z0-9][a-z0-9-]*$/;
const PATIENCE_MILLISECONDS = 30_000;

/** What `?lesson=…` asks for; undefined where nothing is asked for. Throws `lesson-invalid` where the words make no sense. */
export function parseLessonParameter(value: string | null): LessonSource | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  if (text.startsWith(DROPPED)) return { kind: 'dropped', id: text.slice(DROPPED.length) };
  if (COURSE_ID.test(text)) return { kind: 'course', id: text };
  if (/^https?:\/\//i.test(text)) return { kind: 'address', url: addressOf(text) };
  throw new SandboxError('lesson-invalid', `"${text}" is neither a lesson of this site nor an address that begins with https://.`);
}

/** The value of `?lesson=` that asks for a lesson again; undefined for one that only the page around can give. */
export function lessonParameter(source: LessonSource): string | undefined {
  if (source.kind === 'course') return source.id;
  if (source.kind === 'address') return source.url;
  return source.kind === 'dropped' ? DROPPED + source.id : undefined;
}

/** Names a lesson among all that may be opened here: its progress and its files are kept under it. */
export function lessonKey(source: LessonSource, id: string): string {
  return lessonParameter(source) ?? `packed:${id}`;
}

/** Not of this site: its commands run only after the learner agreed. */
export function isForeign(source: LessonSource): boolean {
  return source.kind !== 'course';
}

/** What the address of a lesson gives, for an author and a learner to read. */
export function sourceName(source: LessonSource): string {
  if (source.kind === 'address') return source.url;
  return source.kind === 'dropped' ? 'a folder from your computer' : 'the page around this one';
}

/** The id of a lesson that is one file, by its address: `…/hello/lesson.md` is `hello`. */
export function idOfAddress(url: string): string {
  const parts = new URL(url).pathname.split('/').filter(part => part !== '' && part !== 'lesson.md');
  return decodeURIComponentOr(parts.at(-1) ?? 'lesson').replace(/\.(?:lesson\.json|md)$/, '');
}

/** Fetches a text of at most `MAX_LESSON_BYTES`. Rejects with a sentence for the learner. */
export async function fetchLessonText(address: string, isForeignSite: boolean): Promise<string> {
  // Which release it is asked of tells the learner nothing.
  const url = address.replace(/\?release=[0-9a-f]+$/, '');
  let response: Response;
  try {
    response = await fetch(address, {
      // A lesson of another site gets nothing of who the learner is.
      ...(isForeignSite ? { credentials: 'omit', referrerPolicy: 'no-referrer' } : {}),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    if (isLate) throw new SandboxError('timed-out', `${url} did not answer within ${PATIENCE_MILLISECONDS / 1000} seconds.`, { cause: error });
    const cors = isForeignSite ? ', or its site does not let other pages read it (the header Access-Control-Allow-Origin is missing)' : '';
    throw new SandboxError('download-failed', `${url} could not be read: there is no connection${cors}.`, { cause: error });
  }
  if (response.status === 404) throw new SandboxError('download-failed', `There is no lesson at ${url}.`);
  if (!response.ok)
    throw new SandboxError('download-failed', `${url} could not be read: the site answers ${`${response.status} ${response.statusText}`.trimEnd()}.`);
  return readText(url, response);
}

async function readText(url: string, response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let byteCount = 0;
  const reader = response.body?.getReader();
  try {
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      byteCount += piece.value.length;
      if (byteCount > MAX_LESSON_BYTES) {
        await reader?.cancel();
        throw new SandboxError('lesson-invalid', `${url} is too big: a lesson may have at most 2 MB.`);
      }
      text += decoder.decode(piece.value, { stream: true });
    }
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw new SandboxError('download-failed', `${url} did not arrive whole: ${messageOf(error)}.`, { cause: error });
  }
  return text + decoder.decode();
}

/** Checked and written in one way. */
function addressOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new SandboxError('lesson-invalid', `"${text}" is not an address.`, { cause: error });
  }
  // A workshop without internet has no https; a page that was loaded by https may read nothing else.
  if (url.protocol !== 'https:' && location.protocol === 'https:') {
    throw new SandboxError('lesson-invalid', `"${text}" cannot be read from here: the address of a lesson begins with https://.`);
  }
  url.hash = '';
  return url.href;
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
