import type { JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import { MenuButton } from '../ui/menu.tsx';
import type { Session } from '../session/session.ts';
import { TypeItButton } from '../ui/type-it-button.tsx';
import type { PaneAction, PaneActions } from './pane-actions.ts';

interface CommandButtonProps {
  readonly label: string;
  /** Of what, for those who hear the button alone. */
  readonly of: string;
  /** The command that does the same. */
  readonly command: string;
  readonly actions: PaneActions;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly isExpanded?: boolean;
  readonly controls?: string;
  onClick(): void;
}

/** A button that tells the command which does the same, as its tooltip and at the foot of the pane. */
export function CommandButton(props: CommandButtonProps): JSX.Element {
  const point = (): void => props.actions.point(props.command);
  return (
    <button
      type="button"
      class="button small"
      title={props.command}
      aria-label={`${props.label} ${props.of}`}
      aria-busy={props.isBusy}
      aria-expanded={props.isExpanded}
      aria-controls={props.controls}
      disabled={props.isDisabled}
      onClick={props.onClick}
      onFocus={point}
      onPointerEnter={point}
    >
      {props.label}
    </button>
  );
}

/** Buttons for what can be done to a thing at once. While one works all wait: the engine does one thing to it at a time. */
export function ActionButtons(props: { id: string; of: string; list: readonly PaneAction[]; actions: PaneActions }): JSX.Element {
  const { busy } = props.actions.stateOf(props.id);
  return (
    <>
      {props.list.map(action => (
        <CommandButton
          key={action.label}
          label={busy === action.label ? `${action.label}…` : action.label}
          of={props.of}
          command={action.command}
          actions={props.actions}
          isBusy={busy === action.label}
          isDisabled={busy !== undefined}
          onClick={() => void props.actions.run(props.id, action)}
        />
      ))}
    </>
  );
}

/** Opens a list of commands; the chosen one is put at the prompt of the terminal. */
export function CommandMenu({ session, of, commands }: { session: Session; of: string; commands: readonly string[] }): JSX.Element {
  return (
    <span class="command-menu">
      <MenuButton
        label={`Put a command about ${of} at the terminal’s prompt`}
        icon="prompt"
        items={() => commands.map(command => ({ label: command, run: () => session.proposeCommand(command) }))}
      />
    </span>
  );
}

/** What went wrong with the last action on a thing. */
export function ActionError({ id, actions }: { id: string; actions: PaneActions }): JSX.Element | null {
  const { error } = actions.stateOf(id);
  if (error === undefined) return null;
  return (
    <p class="action-error" role="alert">
      <Icon name="alert" />
      <span>{error}</span>
      <button type="button" class="button plain" aria-label="Dismiss" title="Dismiss" onClick={() => actions.dismiss(id)}>
        <Icon name="close" />
      </button>
    </p>
  );
}

/** A command in a sentence, with a button that puts it at the prompt. */
export function CommandLine({ session, command }: { session: Session; command: string }): JSX.Element {
  return (
    <span class="command-line">
      <code>{command}</code>
      <TypeItButton command={command} propose={one => session.proposeCommand(one)} />
    </span>
  );
}
