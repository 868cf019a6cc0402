import type { JSX } from 'preact';
import { Icon } from './icons.tsx';

/** Puts a command at the terminal's prompt, where learners may change it before they press Enter. */
export function TypeItButton({ command, propose }: { command: string; propose(command: string): void }): JSX.Element {
  return (
    <button
      type="button"
      class="button small"
      aria-label={`Type it: ${command}`}
      title="Puts it at the terminal’s prompt; press Enter there"
      onClick={() => propose(command)}
    >
      <Icon name="prompt" /> Type it
    </button>
  );
}
