import { installWords } from '../../archive/install-words.ts';
import type { WorkspaceTree } from '../../workspace/workspace-tree.ts';

/** A longer file is not a Dockerfile, a script or a page of a lesson. In bytes. */
const MOST_BYTES = 64 * 1024;
/** So many files are looked at. */
const MOST_FILES = 300;
/** Dockerfiles, scripts, compose files and texts that say what to type. */
const READ = /(?:^|\/)(?:(?:Docker|Container|Make)file[^/]*|[^/]*\.(?:[Dd]ockerfile|sh|ya?ml|md|txt))$/;

/** The packages that files of the workspace have apt install, as well as it can be seen. */
export function packagesWantedIn(tree: Pick<WorkspaceTree, 'list' | 'read'>): readonly string[] {
  const files = tree.list().filter(entry => entry.kind === 'file' && entry.sizeBytes <= MOST_BYTES && READ.test(entry.path));
  const paths = files.map(({ path }) => path).sort((one, two) => depthOf(one) - depthOf(two));
  return paths.slice(0, MOST_FILES).flatMap(path => installWords(new TextDecoder().decode(tree.read(path))));
}

/** Those of the learner come before those of packages that lie in the workspace. */
function depthOf(path: string): number {
  return path.split('/').length;
}
