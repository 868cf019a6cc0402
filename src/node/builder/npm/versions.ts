/** Compares versions as semver.org orders them, for sorting: the older one comes first. */
export function olderFirst(a: string, b: string): number {
  const [first, second] = [parts(a), parts(b)];
  for (let index = 0; index < 3; index++) {
    const difference = first.numbers[index]! - second.numbers[index]!;
    if (difference !== 0) return difference;
  }
  // A version without a name for what is not finished is newer than with one.
  if (first.name === second.name) return 0;
  if (first.name === '' || second.name === '') return first.name === '' ? 1 : -1;
  return first.name.localeCompare(second.name, 'en', { numeric: true });
}

function parts(version: string): { numbers: readonly number[]; name: string } {
  const [, major = '0', minor = '0', patch = '0', name = ''] = /^(\d+)\.(\d+)\.(\d+)(?:-([^+]*))?/.exec(version) ?? [];
  return { numbers: [major, minor, patch].map(Number), name };
}
