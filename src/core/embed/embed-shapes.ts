/** Whether a message is what its kind says. Both sides check everything they receive: what comes over a port comes from another site. */
import { SandboxError } from '../base/errors.ts';
import { MAX_WORKSPACE_ENTRIES } from '../workspace/file-change.ts';
import {
  embedCallNames,
  embedEventNames,
  type EmbedCallName,
  type EmbedCalls,
  type EmbedEventName,
  type EmbedPing,
  type EmbedReply,
  type EmbedRequest,
  type EmbedResponse,
} from './embed-messages.ts';

type Fields = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;

/** The longest command line, in characters. */
const MAX_COMMAND = 64 * 1024;
/** What a nonce may look like: it is compared, never used. */
const NONCE = /^[\w-]{16,64}$/;

const isText: Test = value => typeof value === 'string';
const isNumber: Test = value => typeof value === 'number' && Number.isFinite(value);
const isFlag: Test = value => typeof value === 'boolean';
const isOneOf =
  (values: readonly unknown[]): Test =>
  value =>
    values.includes(value);
const isOptional =
  (test: Test): Test =>
  value =>
    value === undefined || test(value);
const isListOf =
  (test: Test): Test =>
  value =>
    Array.isArray(value) && value.every(test);
const isObject =
  (tests: Readonly<Record<string, Test>>): Test =>
  value =>
    isFields(value) && Object.entries(tests).every(([name, test]) => test(value[name]));

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A code that this side does not know may come from a newer one: decodeError deals with it.
const isWireError = isObject({ code: isText, message: isText, detail: isOptional(isText) });

/** What is wrong with files, in words for the author of the host's page. */
function filesProblem(files: unknown): string | undefined {
  if (!isFields(files) || files instanceof Uint8Array)
    return '"files" must be an object: a path for each name, a text or a Uint8Array for each value.';
  const entries = Object.entries(files);
  if (entries.length > MAX_WORKSPACE_ENTRIES) return `"files" has ${entries.length} entries: ${MAX_WORKSPACE_ENTRIES} is the most.`;
  const wrong = entries.find(([, value]) => !isText(value) && value !== null && !(value instanceof Uint8Array));
  return wrong === undefined ? undefined : `"${wrong[0]}" in "files" must be a text, a Uint8Array, or null to remove the file.`;
}

function runProblem({ command, stdin, directory, timeoutMilliseconds }: Fields): string | undefined {
  if (typeof command !== 'string' || command.trim() === '') return '"command" must be a command line.';
  if (command.length > MAX_COMMAND) return `"command" is longer than ${MAX_COMMAND} characters: put it into a file and run that.`;
  if (!isOptional(isText)(stdin)) return '"stdin" must be a text.';
  if (!isOptional(isText)(directory)) return '"directory" must be a path in the machine, like /workspace.';
  const isBound = isNumber(timeoutMilliseconds) && (timeoutMilliseconds as number) > 0 && (timeoutMilliseconds as number) <= 3_600_000;
  return timeoutMilliseconds === undefined || isBound ? undefined : '"timeoutMilliseconds" must be a number above 0, an hour at most.';
}

const problems: Readonly<Record<EmbedCallName, (parameters: Fields) => string | undefined>> = {
  open: ({ files }) => (files === undefined ? undefined : filesProblem(files)),
  ready: () => undefined,
  run: runProblem,
  readFile: ({ path }) => (isText(path) && path !== '' ? undefined : '"path" must be a path in the workspace, like app.py or site/index.html.'),
  writeFiles: ({ files }) => filesProblem(files),
  check: () => undefined,
};

/** What is wrong with the parameters of a call; undefined where they are right. */
export function callProblem(name: EmbedCallName, parameters: unknown): string | undefined {
  return isFields(parameters) ? problems[name](parameters) : 'The parameters of a call must be an object.';
}

/** A call that came over a port: right, or wrong in a way that can be answered. Undefined for what is no call and gets no answer. */
export function parseRequest(data: unknown): { readonly request: EmbedRequest } | { readonly id: number; readonly error: SandboxError } | undefined {
  if (!isFields(data) || data['kind'] !== 'call' || !Number.isSafeInteger(data['id'])) return undefined;
  const id = data['id'] as number;
  const name = embedCallNames.find(one => one === data['name']);
  const problem = name === undefined ? `There is no call "${String(data['name']).slice(0, 40)}".` : callProblem(name, data['parameters']);
  if (problem !== undefined) return { id, error: new SandboxError('call-refused', problem) };
  return { request: data as unknown as EmbedRequest };
}

const isCommandResult = isObject({ exitCode: isNumber, stdout: isText, stderr: isText });
const isLesson = isObject({ id: isText, title: isText, steps: isListOf(isObject({ id: isText, title: isText, isPassed: isFlag })) });
const isCheck = isObject({
  text: isText,
  outcome: isOneOf(['passed', 'failed', 'broken']),
  expected: isOptional(isText),
  found: isOptional(isText),
  hint: isOptional(isText),
  reason: isOptional(isText),
});
const isNothing: Test = value => value === undefined;

const results: Readonly<Record<EmbedCallName, Test>> = {
  open: isNothing,
  ready: isObject({ kind: isOneOf(['restored', 'cold']), elapsedMilliseconds: isNumber, lesson: isOptional(isLesson) }),
  run: isCommandResult,
  readFile: isOptional(value => value instanceof Uint8Array),
  writeFiles: isNothing,
  check: isObject({ lesson: isText, step: isObject({ id: isText, title: isText }), isPassed: isFlag, checks: isListOf(isCheck) }),
};

/** Whether a value can be the result of a call. */
export function isResultOf<K extends EmbedCallName>(name: K, value: unknown): value is EmbedCalls[K]['result'] {
  return results[name](value);
}

const details: Readonly<Record<EmbedEventName, Test>> = {
  progress: isObject({ stage: isText, message: isText, loadedBytes: isNumber, totalBytes: isNumber }),
  'step-passed': isObject({ lesson: isText, step: isText, title: isText, number: isNumber, stepCount: isNumber, passedCount: isNumber }),
  'lesson-completed': isObject({ lesson: isText, title: isText, stepCount: isNumber }),
  error: isWireError,
};

/** What came over a port from the frame; undefined where it is nothing that a frame says. The value of an answer is not looked at: `isResultOf` does. */
export function parseResponse(data: unknown): EmbedResponse | undefined {
  if (!isFields(data)) return undefined;
  if (data['kind'] === 'event') {
    const name = embedEventNames.find(one => one === data['name']);
    return name !== undefined && details[name](data['detail']) ? (data as unknown as EmbedResponse) : undefined;
  }
  if (data['kind'] !== 'answer' || !Number.isSafeInteger(data['id'])) return undefined;
  const isRight = data['ok'] === true || (data['ok'] === false && isWireError(data['error']));
  return isRight ? (data as unknown as EmbedResponse) : undefined;
}

/** The host's question for a port; undefined for anything else that a window may be sent. */
export function parsePing(data: unknown): EmbedPing | undefined {
  if (!isFields(data) || data['kind'] !== 'drydock-embed-ping') return undefined;
  const { nonce, version } = data;
  const isRight = typeof nonce === 'string' && NONCE.test(nonce) && Number.isSafeInteger(version);
  return isRight ? { kind: 'drydock-embed-ping', version: version as number, nonce } : undefined;
}

/** The frame's answer to the question with this nonce; undefined for anything else. */
export function parseReply(data: unknown, nonce: string): EmbedReply | undefined {
  if (!isFields(data) || data['nonce'] !== nonce || !isNumber(data['version'])) return undefined;
  if (data['kind'] === 'drydock-embed-port') return data as unknown as EmbedReply;
  const isRefusal = data['kind'] === 'drydock-embed-refused' && isOneOf(['embed-refused', 'embed-mismatch'])(data['code']) && isText(data['message']);
  return isRefusal ? (data as unknown as EmbedReply) : undefined;
}
