/**
 * setuptools' old way to say what a package needs: requires.txt, beside PKG-INFO in an .egg-info folder. Sections in brackets are extras, conditions
 * (`[:python_version < "3.8"]`), or both (`[socks:sys_platform == "win32"]`); what stands before the first is always needed.
 */

/** The lines of core metadata that say the same: Requires-Dist and Provides-Extra. */
export function requirementsOf(text: string): string[] {
  const requirements: string[] = [];
  const extras = new Set<string>();
  let [extra, condition] = ['', ''];
  for (const line of text.split('\n').map(one => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const section = /^\[([^:\]]*)(?::(.*))?\]$/.exec(line);
    if (section) {
      [extra, condition] = [section[1]!.trim(), section[2]?.trim() ?? ''];
      if (extra !== '') extras.add(extra);
    } else {
      requirements.push(`Requires-Dist: ${withConditions(line, condition, extra)}`);
    }
  }
  return [...[...extras].map(name => `Provides-Extra: ${name}`), ...requirements];
}

function withConditions(line: string, section: string, extra: string): string {
  const [requirement = '', own = ''] = line.split(/\s*;\s*/, 2);
  const conditions = [own, section].filter(condition => condition !== '');
  const all = extra === '' ? conditions : [...conditions.map(grouped), `extra == "${extra}"`];
  return all.length === 0 ? requirement : `${requirement}; ${(all.length > 1 && extra === '' ? all.map(grouped) : all).join(' and ')}`;
}

function grouped(condition: string): string {
  return / or /.test(condition) ? `(${condition})` : condition;
}
