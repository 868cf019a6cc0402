/** The headers of a request or response. Names are compared without regard to case. */
export class HttpHeaders implements Iterable<readonly [string, string]> {
  readonly #fields: readonly (readonly [string, string])[];

  /** Names in lower case. */
  constructor(fields: readonly (readonly [string, string])[]) {
    this.#fields = fields;
  }

  /** The value; several values of one name are joined by a comma. Undefined if there is none. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const values = this.#fields.filter(([field]) => field === wanted).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#fields[Symbol.iterator]();
  }
}

const encoder = new TextEncoder();

/** The bytes of a message's head: its first line, its headers, the empty line. Throws an Error for what would be more than one message on the wire. */
export function encodeHead(startLine: string, fields: readonly (readonly [string, string])[]): Uint8Array {
  if (/[\r\n\0]/.test(startLine)) throw new Error(`no HTTP message: ${startLine}`);
  for (const [name, value] of fields) if (/[\r\n\0]/.test(name + value)) throw new Error(`no HTTP header: ${name}`);
  return encoder.encode(`${startLine}\r\n${fields.map(field => `${field.join(': ')}\r\n`).join('')}\r\n`);
}
