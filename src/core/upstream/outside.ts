/** How one of the sandbox's services stands to the world outside. */
export interface Outside<T extends { readonly host: string }> {
  /** Where it looks for what it lacks; undefined while the network is off, or where the site allows none. */
  readonly upstream?: T;
  /** The host that it could look at, if the learner switched the network on. */
  readonly offered?: string;
}

/** A service that has only its own. */
export const SEALED = {};

/** How to switch the network on, as the end of a sentence. */
export const SWITCH_ON = 'switch it on (Network, in the line at the bottom of the page)';

/** That something is not here, in a sentence or two; `what` is like `Python package flask`. */
export function lackOf(what: string, { offered, upstream }: Outside<{ readonly host: string }>): string {
  if (upstream !== undefined) return `Neither this sandbox nor ${upstream.host} has the ${what}.`;
  if (offered !== undefined) return `This sandbox has no ${what}, and its network is off: ${SWITCH_ON} to look at ${offered}.`;
  return `This sandbox has no internet and no ${what}.`;
}
