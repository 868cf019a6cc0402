/** What the build of the guest runs. */
export const BUILD_TOOLS: readonly string[];
/** Installs what is missing of Debian's packages; throws with what to do where it may not. */
export function installDebianTools(names: readonly string[]): void;
