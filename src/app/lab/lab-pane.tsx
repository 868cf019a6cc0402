import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { messageOf, SandboxError } from '../../core/base/errors.ts';
import { CONTAINER_NAME, type LabState } from '../../core/lab/lab-state.ts';
import type { Session } from '../session/session.ts';
import { LabTable } from './lab-table.tsx';
import { ContainerCard, VmCard } from './side-cards.tsx';
import { StackFigure } from './stack-figure.tsx';
import { stacksOf } from './stacks.ts';
import { VmConsole } from './vm-console.tsx';
import './lab.css';

/** The lab of containers against virtual machines: both started, made to fail and measured side by side. */
export function LabPane({ session, isShown }: { session: Session; isShown: boolean }): JSX.Element {
  const { engine, lab } = session;
  const state = lab.state.value;
  const isReady = session.machine.state.value.kind === 'running';
  useEffect(() => void lab.open().catch((error: unknown) => session.messages.problem(messageOf(error))), []);
  // Other containers stand in the drawing.
  useEffect(() => (isShown ? engine.watch('lists') : undefined), [isShown]);
  useAnnouncements(session, state);
  const act = (action: string): void => {
    lab.act(action).catch((error: unknown) => {
      const text = messageOf(error);
      const { vm, container } = lab.state.value;
      // The card says what went wrong, and learners who stopped a start know it.
      const isKnown = [vm.problem, container.problem].includes(text) || (error instanceof SandboxError && error.code === 'cancelled');
      if (!isKnown) session.messages.problem(text);
    });
  };
  return (
    <div class="lab-pane">
      <p class="lab-lead">Both do one job: serve a page. Guess first, then start each as often as you like.</p>
      <div class="lab-cards">
        <VmCard session={session} vm={state.vm} act={act} />
        <ContainerCard session={session} container={state.container} isReady={isReady} act={act} />
      </div>
      <StackFigure stacks={stacksOf(state, { isSandboxOn: isReady, others: otherContainers(session) })} />
      <section aria-label="Measurements">
        <div class="lab-head">
          <h2>Measured</h2>
          <MeasureButton session={session} state={state} />
        </div>
        <LabTable lab={lab} state={state} />
      </section>
      <section aria-label="Console of the virtual machine">
        <div class="lab-head">
          <h2>VM console</h2>
        </div>
        <VmConsole session={session} state={state} isShown={isShown} />
      </section>
      <Honesty />
    </div>
  );
}

function otherContainers(session: Session): readonly string[] {
  const running = session.engine.containers.value?.filter(({ state }) => state === 'running') ?? [];
  return running.map(({ id, names }) => names[0] ?? id.slice(0, 12)).filter(name => name !== CONTAINER_NAME);
}

function MeasureButton({ session, state }: { session: Session; state: LabState }): JSX.Element {
  const isRunning = state.vm.phase === 'running' || state.container.phase === 'running';
  const measure = (): void => {
    session.lab.measure().then(
      () => session.messages.announce('Measured again.'),
      (error: unknown) => session.messages.problem(messageOf(error)),
    );
  };
  return (
    <button type="button" class="button small" disabled={!isRunning} onClick={measure}>
      Measure again
    </button>
  );
}

/** What a reader of the figures must know. */
function Honesty(): JSX.Element {
  return (
    <details class="lab-honesty">
      <summary>What these figures are, and what they are not</summary>
      <ul>
        <li>
          The sandbox is itself an emulated PC in your browser. So both sides run on an emulated processor, without any help from the real one.
          Everything takes many times as long as on a real computer. Compare the two sides with each other, and not with a real machine.
        </li>
        <li>
          A real hypervisor lets the guest’s instructions run on the real processor. Emulation translates each of them, so programs that run many
          instructions suffer most, above all the Docker Engine, which is a big program. The engine takes nearly all of the container’s time; the
          table shows what the kernel itself does as “the kernel’s part”. On a real computer the engine takes a fraction of a second.
        </li>
        <li>
          This virtual machine is as small as one can be: a kernel with only what one page needs, no disk, no network card. Ordinary ones start a
          whole system with dozens of services, need hundreds of megabytes and take that much longer.
        </li>
        <li>No start’s time includes what is needed only once: downloading kernel and root, and building the image.</li>
        <li>Memory and processes are measured just after the first answer, or at the last “Measure again”. Nothing is measured by the clock.</li>
      </ul>
    </details>
  );
}

/** Says what has changed to those who do not see it. */
function useAnnouncements(session: Session, { vm, container }: LabState): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) session.messages.announce(`The virtual machine is ${vm.phase}.`);
  }, [vm.phase]);
  useEffect(() => {
    if (!isFirst.current) session.messages.announce(container.phase === 'none' ? 'The container is gone.' : `The container is ${container.phase}.`);
    isFirst.current = false;
  }, [container.phase]);
}
