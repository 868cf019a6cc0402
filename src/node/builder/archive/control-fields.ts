/** A paragraph of Debian's control files (Debian policy, chapter 5), in order; what goes on in further lines stays in the value. */
export type ControlFields = ReadonlyMap<string, string>;

/** Reads one paragraph. */
export function parseControl(text: string): ControlFields {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (/^[ \t]/.test(line)) fields.set(last, `${fields.get(last) ?? ''}\n${line}`);
    else if (colon > 0) {
      last = line.slice(0, colon);
      fields.set(last, line.slice(colon + 1).trim());
    }
  }
  return fields;
}

/** Writes a paragraph, with the newline at its end. */
export function formatControl(fields: ControlFields): string {
  return [...fields].map(([name, value]) => `${name}: ${value}\n`).join('');
}
