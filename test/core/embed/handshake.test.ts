import { describe, expect, test } from 'vitest';
import { EMBED_VERSION } from '../../../src/core/embed/embed-messages.ts';
import { parsePing, parseReply } from '../../../src/core/embed/embed-shapes.ts';
import { replyTo } from '../../../src/core/embed/handshake.ts';

const nonce = '0123456789abcdef';
const ping = { kind: 'drydock-embed-ping', version: EMBED_VERSION, nonce } as const;

describe('the handshake', () => {
  test('a ping of this version from an origin that may is answered with a port', () => {
    const reply = replyTo(parsePing(ping)!, true, 'https://school.example');
    expect(parseReply(structuredClone(reply), nonce)).toEqual({ kind: 'drydock-embed-port', version: EMBED_VERSION, nonce });
  });

  test('another version is told which is which, and what to do', () => {
    const reply = replyTo({ ...ping, version: 99 }, true, 'https://school.example');
    expect(parseReply(reply, nonce)).toMatchObject({
      kind: 'drydock-embed-refused',
      code: 'embed-mismatch',
      message: expect.stringMatching(/99.*load embed.js/),
    });
  });

  test('an origin that may not is told so, whatever its version', () => {
    const reply = replyTo({ ...ping, version: 99 }, false, 'https://evil.example');
    expect(parseReply(reply, nonce)).toMatchObject({ code: 'embed-refused', message: expect.stringContaining('https://evil.example') });
  });

  test.each([
    [undefined],
    ['drydock-embed-ping'],
    [{ ...ping, nonce: 'short' }],
    [{ ...ping, nonce: `${nonce}<script>` }],
    [{ ...ping, nonce: 5 }],
    [{ ...ping, version: '1' }],
    [{ ...ping, version: 1.5 }],
    [{ ...ping, kind: 'ping' }],
  ])('%j is no ping', data => expect(parsePing(data)).toBeUndefined());

  test.each([
    [undefined],
    [{ kind: 'drydock-embed-port', version: 1, nonce: 'another-nonce-0123' }],
    [{ kind: 'drydock-embed-port', nonce }],
    [{ kind: 'drydock-embed-refused', version: 1, nonce, code: 'machine-failed', message: 'x' }],
    [{ kind: 'drydock-embed-refused', version: 1, nonce, code: 'embed-refused' }],
    [{ kind: 'else', version: 1, nonce }],
  ])('%j is no answer', data => expect(parseReply(data, nonce)).toBeUndefined());
});
