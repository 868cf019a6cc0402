/** A project's name as PEP 503 compares names: lower case, single hyphens. */
export function normalizedName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
