import { ask } from '../ui/dialog.tsx';

/** How many of the lines the question shows. */
const SHOWN_LINES = 8;

/** Shows what will run before it does; resolves to whether it may. */
export async function askAboutLines(lines: readonly string[]): Promise<boolean> {
  const more = lines.length - SHOWN_LINES;
  const answer = await ask({
    title: `Paste ${lines.length} lines?`,
    text: 'The program in this terminal takes each line at once, as if you pressed Enter after it.',
    code: [...lines.slice(0, SHOWN_LINES), ...(more > 0 ? [`… and ${more} more`] : [])],
    confirm: 'Paste',
  });
  return answer !== undefined;
}
