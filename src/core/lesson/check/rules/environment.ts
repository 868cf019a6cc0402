import { wanted } from '../phrases.ts';
import { parsePattern } from '../text-pattern.ts';

/** A variable of an image or a container that is not as it should be. */
export interface WrongVariable {
  readonly name: string;
  /** What its value must show. */
  readonly wanted: string;
  /** Undefined where it is not set at all. */
  readonly value: string | undefined;
}

/** The first variable that is not as a check asks, if any is; `environment` is a list of `NAME=value`. */
export function wrongVariable(asked: Readonly<Record<string, string>> | undefined, environment: readonly string[]): WrongVariable | undefined {
  const values = new Map(environment.map(one => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
  for (const [name, source] of Object.entries(asked ?? {})) {
    const value = values.get(name);
    const pattern = parsePattern(source);
    if (value === undefined || !pattern.matches(value)) return { name, wanted: wanted(pattern), value };
  }
  return undefined;
}
