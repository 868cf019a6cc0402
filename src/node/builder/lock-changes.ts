import type { DebianLock } from './debian-lock.ts';

/** A package that has another version, or the same one with other bytes. */
export interface ChangedPackage {
  readonly suite: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** A set that is made of other packages, or of another suite. */
export interface ChangedSet {
  readonly name: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** How a lock differs from the one before. */
export interface LockChanges {
  readonly packages: readonly ChangedPackage[];
  readonly sets: readonly ChangedSet[];
  /** Nothing has changed but versions: whoever refreshes it need not look at anything else. */
  readonly isOnlyVersions: boolean;
}

/** Compares two locks. When they were made makes no difference. */
export function changesBetween(before: DebianLock, after: DebianLock): LockChanges {
  const sets = [...new Set([...Object.keys(before.sets), ...Object.keys(after.sets)])].flatMap((name): ChangedSet[] => {
    const [old, now] = [namesIn(before, name), namesIn(after, name)];
    const added = now.filter(one => !old.includes(one));
    const removed = old.filter(one => !now.includes(one));
    return added.length + removed.length > 0 ? [{ name, added, removed }] : [];
  });
  const packages = Object.entries(after.suites).flatMap(([suite, { packages: now }]) =>
    Object.entries(now).flatMap(([name, { version, sha256 }]): ChangedPackage[] => {
      const old = before.suites[suite]?.packages[name];
      return old === undefined || old.sha256 === sha256 ? [] : [{ suite, name, from: old.version, to: version }];
    }),
  );
  return { packages, sets, isOnlyVersions: sets.length === 0 };
}

/** With the suite: the same name of another suite is another package. */
function namesIn({ sets }: DebianLock, name: string): string[] {
  const set = sets[name];
  return (set?.packages ?? []).map(one => `${one} (${set!.suite})`);
}

/** What has changed, for whoever refreshes the lock, in lines. */
export function describeChanges({ packages, sets, isOnlyVersions }: LockChanges): string[] {
  if (isOnlyVersions && packages.length === 0) return ['No package has changed.'];
  const versions = packages.map(({ suite, name, from, to }) => `  ${suite}: ${name} ${from === to ? `${from}, built anew` : `${from} -> ${to}`}`);
  const others = sets.map(
    ({ name, added, removed }) => `  set ${name}: ${[...added.map(one => `+ ${one}`), ...removed.map(one => `- ${one}`)].join(', ')}`,
  );
  const count = `${packages.length} ${packages.length === 1 ? 'package has' : 'packages have'} another version`;
  return [`${count}${isOnlyVersions ? '; nothing else has changed.' : ', and sets have other packages:'}`, ...versions, ...others];
}
