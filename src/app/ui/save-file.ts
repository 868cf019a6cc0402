/** Long enough for a browser to ask where the file is to go. */
const READ_MILLISECONDS = 60_000;

/** Gives learners a file to save on their computer. */
export function saveFile(name: string, content: Uint8Array | Blob): void {
  // A type of its own, or the browser guesses one and adds an ending to `Dockerfile`.
  const url = URL.createObjectURL(new Blob([content instanceof Blob ? content : content.slice()], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read the URL only after the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), READ_MILLISECONDS);
}
