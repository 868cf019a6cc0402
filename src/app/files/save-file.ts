/** Gives the learner a file to save on his computer. */
export function saveFile(name: string, content: Uint8Array): void {
  // A type of its own, or the browser guesses one and adds an ending to `Dockerfile`.
  const url = URL.createObjectURL(new Blob([content.slice()], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read the URL only after the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
