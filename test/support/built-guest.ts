import { buildGuest, type BuiltGuest } from '../../src/node/builder/build-guest.ts';

let built: Promise<BuiltGuest> | undefined;

/** The guest that `npm test` has made or found; looked up once in each file of tests. */
export function builtGuest(): Promise<BuiltGuest> {
  return (built ??= buildGuest());
}
