import { parsePing } from '../../core/embed/embed-shapes.ts';
import { replyTo } from '../../core/embed/handshake.ts';
import type { EmbedPing } from '../../core/embed/embed-messages.ts';
import type { EmbedPolicy } from './framing.ts';

/**
 * Waits for the page around to ask for a port, and gives it one: once, to the window around and to the exact origin that asked.
 * What other windows send, and what is no ping, gets no answer.
 */
export function answerHost(policy: Promise<EmbedPolicy>, onPort: (port: MessagePort) => void): void {
  let isAnswered = false;
  const answer = async (ping: EmbedPing, host: WindowProxy, origin: string): Promise<void> => {
    // A site whose settings cannot be read lets nobody in.
    const isAllowed = await policy.then(
      mayEmbed => mayEmbed(origin),
      () => false,
    );
    if (isAnswered) return;
    const reply = replyTo(ping, isAllowed, origin);
    if (reply.kind === 'drydock-embed-refused') {
      host.postMessage(reply, origin);
      return;
    }
    isAnswered = true;
    const { port1, port2 } = new MessageChannel();
    onPort(port1);
    host.postMessage(reply, origin, [port2]);
  };
  addEventListener('message', (event: MessageEvent<unknown>) => {
    // A page without an origin (a file, a sandboxed frame) cannot be told from any other of its kind.
    if (window.parent === window || event.source !== window.parent || event.origin === 'null') return;
    const ping = parsePing(event.data);
    if (ping !== undefined && !isAnswered) void answer(ping, window.parent, event.origin);
  });
}
