import { describe, expect, test } from 'vitest';
import { errorCodes, SandboxError } from '../../../src/core/base/errors.ts';
import { decodeError, encodeError, outcomeOf, valueOf, type WireError } from '../../../src/core/protocol/error-codec.ts';

describe('an error across a realm', () => {
  test.each(errorCodes)('%s keeps its code, its message and its causes', code => {
    const cause = new Error('the server answered 503', { cause: new TypeError('no route') });
    const wire = structuredClone(encodeError(new SandboxError(code, 'Plain words.', { cause })));
    const error = decodeError(wire);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error.code).toBe(code);
    expect(error.message).toBe('Plain words.');
    expect(error.cause).toContain('the server answered 503');
    expect(error.cause).toContain('no route');
  });

  test('what is no SandboxError becomes machine-failed', () => {
    expect(decodeError(encodeError(new RangeError('out of bounds')))).toMatchObject({ code: 'machine-failed', message: 'out of bounds' });
    expect(decodeError(encodeError('a string'))).toMatchObject({ code: 'machine-failed', message: 'a string' });
  });

  test('an unknown code becomes machine-failed', () => {
    const wire = { code: 'from-a-newer-worker', message: 'Something.' } as unknown as WireError;
    expect(decodeError(wire).code).toBe('machine-failed');
  });

  test('a cause that leads back to itself ends', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(encodeError(new SandboxError('timed-out', 'Late.', { cause: loop })).detail).toContain('loop');
  });

  test('an outcome gives back the value or throws the error', async () => {
    expect(valueOf(await outcomeOf(() => 7))).toBe(7);
    const failed = await outcomeOf(() => Promise.reject(new SandboxError('docker-refused', 'No.')));
    expect(() => valueOf(failed)).toThrow(expect.objectContaining({ code: 'docker-refused' }));
  });
});
