/** One end of a channel, as the core uses it. Apart from portable.d.ts because Node has the value but, among its globals, not the type. */
interface MessagePort {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown, transfer?: unknown[]): void;
  start(): void;
  close(): void;
}
