/** What packages need of each other (Debian policy, chapter 7). */
import type { ControlFields } from '../builder/archive/control-fields.ts';
import { compareVersions } from '../../core/archive/debian-version.ts';

interface Relation {
  readonly name: string;
  /** None where any version does. */
  readonly operator?: string;
  readonly version?: string;
}

const RELATION = /^([a-z0-9][a-z0-9+.-]*)(?::(any|native|all|i386))?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^\s)]+)\s*\))?$/;

/** Undefined for what is no relation of this machine: `libc6:amd64`. */
function parseRelation(text: string): Relation | undefined {
  const [, name, , operator, version] = RELATION.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  return operator === undefined || version === undefined ? { name } : { name, operator, version };
}

function isRight(found: string, { operator, version }: Relation): boolean {
  if (operator === undefined || version === undefined) return true;
  const order = compareVersions(found, version);
  const right: Readonly<Record<string, boolean>> = { '<<': order < 0, '<=': order <= 0, '=': order === 0, '>=': order >= 0, '>>': order > 0 };
  return right[operator] === true;
}

function isMet(relation: Relation, control: ControlFields): boolean {
  if (control.get('Package') === relation.name) return isRight(control.get('Version') ?? '', relation);
  const provided = (control.get('Provides') ?? '').split(',').flatMap(text => parseRelation(text) ?? []);
  // What is provided without a version meets only who asks for none.
  return provided.some(
    ({ name, version }) => name === relation.name && (relation.operator === undefined || (version !== undefined && isRight(version, relation))),
  );
}

/** The dependencies of a package that none of these meets, as its control file has them. */
export function unmetDependencies(control: ControlFields, available: readonly ControlFields[]): string[] {
  const groups = ['Pre-Depends', 'Depends'].flatMap(field => (control.get(field) ?? '').split(','));
  return groups
    .map(group => group.trim().replaceAll(/\s+/g, ' '))
    .filter(group => group !== '')
    .filter(
      group =>
        !group.split('|').some(text => {
          const relation = parseRelation(text);
          return relation !== undefined && available.some(one => isMet(relation, one));
        }),
    );
}
