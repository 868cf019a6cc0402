const ESCAPE = '\u001b';
/** Control sequences with their parameters, strings that end with a bell, and the two-character ones for the keypad and the cursor (ECMA-48, xterm). */
const CONTROL_SEQUENCES = new RegExp(`${ESCAPE}\\[[0-9;?>=<!]*[a-zA-Z]|${ESCAPE}\\][^\\u0007]*\\u0007|${ESCAPE}[=>78]|\\r`, 'g');

/** What a terminal was sent, as the text that it shows: without escape sequences and carriage returns. */
export function terminalText(output: string): string {
  return output.replace(CONTROL_SEQUENCES, '');
}
