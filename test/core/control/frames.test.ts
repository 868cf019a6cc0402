import { expect, test } from 'vitest';
import { encodeFrame, FrameReader, MAX_PAYLOAD_BYTES } from '../../../src/core/control/frames.ts';

test('frames come out whole wherever the stream is cut', () => {
  const payloads = [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(MAX_PAYLOAD_BYTES).fill(7)];
  const stream = Uint8Array.from(payloads.flatMap((payload, index) => [...encodeFrame('abc'[index]!, 300 + index, payload)]));
  for (const size of [1, 2, 3, 7, 4096, stream.length]) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.subarray(at, at + size)));
    expect(frames).toEqual(payloads.map((payload, index) => ({ type: 'abc'[index], channel: 300 + index, payload })));
  }
});
