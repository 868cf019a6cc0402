import { formatControl, parseControl, type ControlFields } from '../archive/control-fields.ts';

/** Says in dpkg's status which dependencies of a package are not in the image. */
const LEFT_OUT_FIELD = 'Drydock-Left-Out';
const DEPENDENCIES = ['Pre-Depends', 'Depends'] as const;

function nameOf(relation: string): string {
  return relation.trim().replace(/[\s(:].*$/s, '');
}

/** The names that a package answers to: its own and those that it provides. */
function namesOf(control: ControlFields): string[] {
  const provided = control.get('Provides')?.split(',') ?? [];
  return [control.get('Package') ?? '', ...provided.map(nameOf)];
}

function isMet(group: string, installed: ReadonlySet<string>): boolean {
  return group.split('|').some(relation => installed.has(nameOf(relation)));
}

/** A control paragraph without dependencies on what an image leaves out: apt would not install anything while one is missing. */
export function withoutMissing(control: ControlFields, installed: ReadonlySet<string>): ControlFields {
  const fields = new Map(control);
  const missing: string[] = [];
  for (const field of DEPENDENCIES) {
    const groups = control.get(field)?.split(',') ?? [];
    const kept = groups.filter(group => isMet(group, installed));
    missing.push(...groups.filter(group => !isMet(group, installed)).map(group => group.trim()));
    if (kept.length > 0) fields.set(field, kept.map(group => group.trim()).join(', '));
    else fields.delete(field);
  }
  if (missing.length > 0) fields.set(LEFT_OUT_FIELD, missing.join(', '));
  return fields;
}

/** dpkg's status of packages, given their control files, on top of `status`, that of the layers below. */
export function statusOf(controls: readonly string[], status: string): string {
  const below = status.split('\n\n').filter(paragraph => paragraph.trim() !== '');
  const all = [...below, ...controls].map(parseControl);
  const installed = new Set(all.flatMap(namesOf));
  const own = controls.map(text => {
    const [first, ...rest] = withoutMissing(parseControl(text), installed);
    return formatControl(new Map([first!, ['Status', 'install ok installed'], ...rest]));
  });
  return `${status}${own.map(paragraph => `${paragraph}\n`).join('')}`;
}
