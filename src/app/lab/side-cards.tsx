import type { JSX } from 'preact';
import { CONTAINER_NAME, CONTAINER_PORT, VM_PORT, type ContainerSide, type VmSide } from '../../core/lab/lab-state.ts';
import { Icon } from '../ui/icons.tsx';
import type { Session } from '../session/session.ts';
import { formatSeconds } from './comparison.ts';

/** A button of a card: what it does in the lab's words, and when it can. */
interface LabButton {
  readonly label: string;
  /** For those who hear the button alone. */
  readonly name: string;
  readonly action: string;
  readonly isEnabled: boolean;
  readonly isMain?: boolean;
}

interface CardProps {
  readonly session: Session;
  act(action: string): void;
}

/** The virtual machine: what it does now, and what can be done to it. */
export function VmCard({ session, vm, act }: CardProps & { vm: VmSide }): JSX.Element {
  const { phase } = vm;
  const buttons: LabButton[] = [
    { label: 'Start', name: 'Start the virtual machine', action: 'start vm', isEnabled: phase === 'off' || phase === 'crashed', isMain: true },
    { label: 'Stop', name: 'Stop the virtual machine', action: 'stop vm', isEnabled: phase !== 'off' && phase !== 'stopping' },
    { label: 'Crash kernel', name: 'Crash kernel of the virtual machine', action: 'crash vm', isEnabled: phase === 'running' },
  ];
  return (
    <Card title="Virtual machine" state={vmState(vm)} light={phase === 'crashed' ? 'bad' : phase === 'running' ? 'on' : 'off'} problem={vm.problem}>
      <Buttons buttons={buttons} act={act} />
      <OpenPage session={session} port={VM_PORT} of="virtual machine" isEnabled={phase === 'running'} />
    </Card>
  );
}

/** The container: the same. */
export function ContainerCard({ session, container, isReady, act }: CardProps & { container: ContainerSide; isReady: boolean }): JSX.Element {
  const { phase } = container;
  const isIdle = phase === 'none' || phase === 'exited';
  const isRunning = phase === 'running';
  const buttons: LabButton[] = [
    { label: 'Start', name: 'Start the container', action: 'start container', isEnabled: isReady && isIdle, isMain: true },
    { label: 'Stop', name: 'Stop the container', action: 'stop container', isEnabled: isRunning },
    { label: 'Kill process', name: 'Kill process of the container, from the host', action: 'kill container', isEnabled: isRunning },
    { label: 'Remove', name: 'Remove the container', action: 'remove container', isEnabled: isRunning || phase === 'exited' },
  ];
  const state = isReady ? containerState(container) : 'Waiting for the sandbox.';
  return (
    <Card title="Container" state={state} light={isRunning ? 'on' : 'off'} problem={container.problem}>
      <Buttons buttons={buttons} act={act} />
      <OpenPage session={session} port={CONTAINER_PORT} of="container" isEnabled={isRunning} />
    </Card>
  );
}

function Card(props: {
  title: string;
  state: string;
  light: 'on' | 'off' | 'bad';
  problem: string | undefined;
  children: (JSX.Element | null)[];
}): JSX.Element {
  return (
    <section class="lab-card" aria-label={props.title}>
      <h2>
        <span class={`lab-light ${props.light}`} aria-hidden="true" /> {props.title}
      </h2>
      <p class="lab-state">{props.state}</p>
      {props.children}
      {props.problem !== undefined && (
        <p class="action-error" role="alert">
          <Icon name="alert" />
          <span>{props.problem}</span>
        </p>
      )}
    </section>
  );
}

function Buttons({ buttons, act }: { buttons: readonly LabButton[]; act: (action: string) => void }): JSX.Element {
  return (
    <div class="lab-buttons">
      {buttons.map(({ label, name, action, isEnabled, isMain }) => (
        <button
          key={action}
          type="button"
          class={`button small ${isMain === true ? 'lab-start' : ''}`}
          aria-label={name}
          disabled={!isEnabled}
          onClick={() => act(action)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** Shows the page in the Browser pane. */
function OpenPage({ session, port, of, isEnabled }: { session: Session; port: number; of: string; isEnabled: boolean }): JSX.Element {
  return (
    <button
      type="button"
      class="button small lab-open"
      aria-label={`Open page :${port} of the ${of}`}
      disabled={!isEnabled}
      onClick={() => session.preview.open({ port, path: '/' })}
    >
      <Icon name="browser" /> Open page <span class="quiet-text">:{port}</span>
    </button>
  );
}

function vmState({ phase, runs, panic }: VmSide): string {
  const last = runs.at(-1);
  const words: Record<VmSide['phase'], string> = {
    off: 'Off.',
    loading: 'Getting kernel and root…',
    booting: 'Switched on: firmware, then its kernel…',
    running: last === undefined ? 'Running.' : `Running. The page answered after ${formatSeconds(last.milliseconds)}.`,
    stopping: 'Its kernel shuts down…',
    crashed: `Its kernel has crashed: ${panic ?? 'no reason given'}.`,
  };
  return words[phase];
}

function containerState({ phase, runs, exitCode }: ContainerSide): string {
  const last = runs.at(-1);
  const words: Record<ContainerSide['phase'], string> = {
    none: `There is no container ${CONTAINER_NAME}.`,
    preparing: 'Building its image, once…',
    starting: 'docker run…',
    running: last === undefined ? 'Running.' : `Running. The page answered after ${formatSeconds(last.milliseconds)}.`,
    stopping: 'Ending its process…',
    exited: `Its process has ended${exitCode === undefined ? '' : `, exit code ${exitCode}`}.`,
  };
  return words[phase];
}
