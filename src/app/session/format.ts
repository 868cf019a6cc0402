const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

/** A byte count for people: `950 B`, `12 KB`, `3.4 MB`. Units are powers of 1024, so that a memory of 512 MB reads as that. */
export function formatBytes(byteCount: number): string {
  if (byteCount < KB) return `${byteCount} B`;
  if (byteCount < MB) return `${Math.round(byteCount / KB)} KB`;
  if (byteCount < GB) return `${shortened(byteCount / MB)} MB`;
  return `${shortened(byteCount / GB)} GB`;
}

function shortened(value: number): string {
  return value < 10 ? value.toFixed(1).replace('.0', '') : String(Math.round(value));
}

/** How long something takes or took, roughly, for people: `5 s`, `3 min`, `2 h`, `4 days`. Never less than nothing: clocks differ. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** A file name with what cannot be seen made visible: a line end in a name would break the tree's row. */
export function visibleName(name: string): string {
  return name.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, character => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}
