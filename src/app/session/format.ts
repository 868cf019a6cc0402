/** A byte count for people, in decimal units as browsers show downloads: `950 B`, `12 KB`, `3.4 MB`. */
export function formatBytes(byteCount: number): string {
  if (byteCount < 1000) return `${byteCount} B`;
  if (byteCount < 1e6) return `${Math.round(byteCount / 1000)} KB`;
  if (byteCount < 1e9) return `${(byteCount / 1e6).toFixed(byteCount < 1e8 ? 1 : 0)} MB`;
  return `${(byteCount / 1e9).toFixed(1)} GB`;
}

/** A file name with what cannot be seen made visible: a line end in a name would break the tree's row. */
export function visibleName(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, character => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}
