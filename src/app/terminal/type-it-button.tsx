import type { JSX } from 'preact';
import { Icon } from '../layout/icons.tsx';
import type { Session } from '../session/session.ts';

/** Puts a command at the terminal's prompt, where the learner may change it before he presses Enter. */
export function TypeItButton({ session, command }: { session: Session; command: string }): JSX.Element {
  return (
    <button
      type="button"
      class="button small"
      aria-label={`Type it: ${command}`}
      title="Puts it at the terminal’s prompt; press Enter there"
      onClick={() => session.proposeCommand(command)}
    >
      <Icon name="prompt" /> Type it
    </button>
  );
}
