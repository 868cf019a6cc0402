/** The letter on a key: what it types where that is Latin, else what the key's place has on a Latin keyboard (Cyrillic, Greek, Arabic layouts). */
export function latinLetterOf({ code, key }: Pick<KeyboardEvent, 'code' | 'key'>): string | undefined {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  // A Latin layout may have another sign there: a key that types one is not the letter of its place.
  const isOtherScript = key.length === 1 && key.charCodeAt(0) > 0x24f;
  return isOtherScript ? /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() : undefined;
}

/** What a key with Ctrl does to the size of the letters: so many pixels more, or `first` for the size at first. */
export function fontStepOf({ key }: Pick<KeyboardEvent, 'key'>): number | 'first' | undefined {
  if (key === '+' || key === '=') return 1;
  if (key === '-') return -1;
  return key === '0' ? 'first' : undefined;
}

/** The lines of what is pasted; the end of the last one is not a line of its own. */
export function pastedLines(text: string): readonly string[] {
  return text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
}
