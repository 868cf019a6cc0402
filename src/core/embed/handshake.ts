import { EMBED_VERSION, type EmbedPing, type EmbedReply } from './embed-messages.ts';

/** What the frame says to a ping: yes, or why not. Yes comes with a port. */
export function replyTo({ version, nonce }: EmbedPing, isAllowed: boolean, origin: string): EmbedReply {
  if (!isAllowed) {
    const message = `This Drydock may not be embedded by ${origin}: its config.json lists who may ("embedOrigins").`;
    return { kind: 'drydock-embed-refused', version: EMBED_VERSION, nonce, code: 'embed-refused', message };
  }
  if (version !== EMBED_VERSION) {
    const message = `embed.js speaks version ${version} of the embed protocol, and this Drydock speaks version ${EMBED_VERSION}: load embed.js from the same site as the frame.`;
    return { kind: 'drydock-embed-refused', version: EMBED_VERSION, nonce, code: 'embed-mismatch', message };
  }
  return { kind: 'drydock-embed-port', version: EMBED_VERSION, nonce };
}
