import { SandboxError } from '../base/errors.ts';
import { encodeError } from '../protocol/error-codec.ts';
import type { EmbedCallName, EmbedCalls, EmbedEvent, EmbedRequest, EmbedResponse } from './embed-messages.ts';
import { parseRequest } from './embed-shapes.ts';

/** What the frame does for its host: one function for each call. */
export type EmbedTarget = {
  readonly [K in EmbedCallName]: (parameters: EmbedCalls[K]['parameters']) => Promise<EmbedCalls[K]['result']>;
};

/** More calls at once than a host has use for would only pile up in the machine. */
const MAX_CALLS = 64;

/** The frame's end of the port to its host. */
export interface EmbedServer {
  tell(event: EmbedEvent): void;
  close(): void;
}

/** Answers the host's calls on a port, and tells events there. What is no call is ignored; a wrong one is answered with what is wrong with it. */
export function serveEmbed(target: EmbedTarget, port: MessagePort): EmbedServer {
  let callCount = 0;
  const send = (message: EmbedResponse): void => port.postMessage(message);
  const refuse = (id: number, error: unknown): void => send({ kind: 'answer', id, ok: false, error: encodeError(error) });
  const answer = async (request: EmbedRequest): Promise<void> => {
    callCount += 1;
    try {
      send({ kind: 'answer', id: request.id, ok: true, value: await callTarget(target, request) });
    } catch (error) {
      refuse(request.id, error);
    } finally {
      callCount -= 1;
    }
  };
  port.onmessage = (event: { data: unknown }) => {
    const parsed = parseRequest(event.data);
    if (parsed === undefined) return;
    if ('error' in parsed) refuse(parsed.id, parsed.error);
    else if (callCount >= MAX_CALLS) {
      refuse(parsed.request.id, new SandboxError('call-refused', `${MAX_CALLS} calls are under way: wait until some have been answered.`));
    } else void answer(parsed.request);
  };
  return { tell: event => send({ kind: 'event', ...event }), close: () => port.close() };
}

function callTarget<K extends EmbedCallName>(target: EmbedTarget, request: EmbedRequest & { readonly name: K }): Promise<EmbedCalls[K]['result']> {
  const call = target[request.name] as (parameters: EmbedCalls[K]['parameters']) => Promise<EmbedCalls[K]['result']>;
  return call(request.parameters);
}
