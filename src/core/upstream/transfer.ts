/** Something that was asked for outside: what the page shows of its traffic. */
export interface Transfer {
  readonly id: number;
  readonly host: string;
  /** In a few words: `flask-3.1.2-py3-none-any.whl`, `the list of flask`. */
  readonly what: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly receivedBytes: number;
  /** Where the server tells it. */
  readonly totalBytes: number | undefined;
  /** Why it failed. */
  readonly message?: string;
}
