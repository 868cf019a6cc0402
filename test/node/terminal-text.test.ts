import { expect, test } from 'vitest';
import { terminalText } from '../../src/node/terminal-text.ts';

test('colours, titles and the modes of the keyboard are no text', () => {
  // What Python's prompt writes around a result.
  expect(terminalText('\u001b[?2004l\u001b[?1l\u001b>42\r\n\u001b[?1h\u001b=\u001b[?2004h\u001b[>4;1m\u001b[35m>>> \u001b[0m')).toBe('42\n>>> ');
  expect(terminalText('\u001b]0;a title\u0007plain')).toBe('plain');
});
