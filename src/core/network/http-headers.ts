/** The headers of a response. Names are compared without regard to case. */
export class HttpHeaders implements Iterable<readonly [string, string]> {
  readonly #fields: readonly (readonly [string, string])[];

  /** Names in lower case. */
  constructor(fields: readonly (readonly [string, string])[]) {
    this.#fields = fields;
  }

  /** The value, several of one name joined by a comma; undefined where there is none. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const values = this.#fields.filter(([field]) => field === wanted).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#fields[Symbol.iterator]();
  }
}
