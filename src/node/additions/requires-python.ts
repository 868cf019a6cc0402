/** Requires-Python of a wheel's metadata (PyPA: version specifiers), as far as versions of Python need it: numbers and dots. */

const CLAUSE = /^(~=|==|!=|<=|>=|<|>|===)\s*v?(\d+(?:\.\d+)*)(\.\*)?$/;

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function startsWith(version: readonly number[], start: readonly number[]): boolean {
  return start.every((part, index) => (version[index] ?? 0) === part);
}

function meets(version: readonly number[], clause: string): boolean {
  const match = CLAUSE.exec(clause);
  // pip itself judges what is not understood here.
  if (match === null) return true;
  const wanted = match[2]!.split('.').map(Number);
  const order = compare(version, wanted);
  const isSame = match[3] === undefined ? order === 0 : startsWith(version, wanted);
  switch (match[1]) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '!=':
      return !isSame;
    case '~=':
      return order >= 0 && startsWith(version, wanted.slice(0, -1));
    default:
      return isSame;
  }
}

/** Does a Python (`3.13.5`) fit a Requires-Python (`>=3.8,<4`)? */
export function fitsRequirement(python: string, requirement: string): boolean {
  const version = python.split('.').map(Number);
  return requirement
    .split(',')
    .map(clause => clause.trim())
    .filter(clause => clause !== '')
    .every(clause => meets(version, clause));
}
