const ESCAPE = '\u001b';
const CONTROL_SEQUENCES = new RegExp(`${ESCAPE}\\[[0-9;?]*[a-zA-Z]|${ESCAPE}\\][^\\u0007]*\\u0007|\\r`, 'g');

/** What a terminal was sent, as the text that it shows: without escape sequences and carriage returns. */
export function terminalText(output: string): string {
  return output.replace(CONTROL_SEQUENCES, '');
}
