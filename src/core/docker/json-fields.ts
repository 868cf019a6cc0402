import { SandboxError } from '../base/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reading the engine's JSON with suspicion: a whole of another shape is refused, a field that is missing or null, as Go writes empty ones, is empty. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws `docker-refused` for anything but an object. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw unreadable(what);
  return value;
}

/** Throws `docker-refused` for anything but a list. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(what);
  return value;
}

function unreadable(what: string): SandboxError {
  return new SandboxError('docker-refused', `The Docker Engine described ${what} in a way that cannot be read.`);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}

/** The objects in a list; other things in it are left out. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The field as an object; an empty object if the field is missing. */
export function partOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The texts of an object. */
export function textMapOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(partOf(value)).map(([name, text]) => [name, textOf(text)]));
}

/** A time as Go writes it, in milliseconds since 1970; undefined for its zero time, which means never. */
export function timeOf(value: unknown): number | undefined {
  const milliseconds = Date.parse(textOf(value));
  return Number.isNaN(milliseconds) || milliseconds <= 0 ? undefined : milliseconds;
}
