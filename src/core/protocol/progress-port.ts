import type { OnByteProgress } from './sandbox.ts';

/** What goes over the port: bytes done, of bytes in all. */
type Progress = readonly [doneBytes: number, totalBytes: number];

/** The worker's end: gives what to tell. */
export function tellProgress(port: MessagePort): OnByteProgress {
  return (doneBytes, totalBytes) => port.postMessage([doneBytes, totalBytes] satisfies Progress);
}

/** The page's end: asks for work with a port over which the worker tells how far it is, as long as the work takes. */
export async function withProgress<T>(onProgress: OnByteProgress | undefined, ask: (port: MessagePort) => Promise<T>): Promise<T> {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    const [doneBytes, totalBytes] = data as Progress;
    onProgress?.(doneBytes, totalBytes);
  };
  try {
    return await ask(port2);
  } finally {
    port1.close();
  }
}
