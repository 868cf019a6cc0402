import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ask } from '../ui/dialog.tsx';
import { ImageLoadButton } from './image-load/image-load-button.tsx';
import { Icon } from '../ui/icons.tsx';
import type { Session } from '../session/session.ts';
import { ContainerList } from './container-list.tsx';
import { ImageList } from './image-list.tsx';
import { NetworkList } from './network-list.tsx';
import { PaneActions } from './pane-actions.ts';
import { useNow } from './use-now.ts';
import { VolumeList } from './volume-list.tsx';

/** What the engine has: containers, images and what they are made of, networks and volumes. */
export function ContainersPane({ session, isShown }: { session: Session; isShown: boolean }): JSX.Element {
  const { engine } = session;
  const actions = useMemo(() => new PaneActions(ask), []);
  const now = useNow(isShown);
  useEffect(() => (isShown ? engine.watch('lists') : undefined), [isShown]);
  const props = { session, actions, now };
  const containers = engine.containers.value;
  const images = engine.images.value;
  const running = containers?.filter(({ state }) => state === 'running').length ?? 0;
  return (
    <>
      <div class="engine-pane">
        <EngineProblem session={session} />
        <Section title="Containers" count={containers === undefined ? undefined : `${running} running, ${containers.length} in all`} isOpenAtFirst>
          {() => (containers === undefined ? <Waiting session={session} /> : <ContainerList {...props} containers={containers} />)}
        </Section>
        <Section title="Images" count={images?.length.toString()} isOpenAtFirst>
          {() => (images === undefined ? <Waiting session={session} /> : <WatchedImages isShown={isShown} {...props} images={images} />)}
        </Section>
        <Section title="Networks" count={engine.networks.value?.length.toString()}>
          {() => <NetworkList {...props} networks={engine.networks.value ?? []} />}
        </Section>
        <Section title="Volumes" count={engine.volumes.value?.length.toString()}>
          {() => <VolumeList {...props} volumes={engine.volumes.value ?? []} />}
        </Section>
      </div>
      <p class="pane-foot" aria-hidden="true">
        {actions.command.value === '' ? (
          <span>Point at a button to see the command that does the same.</span>
        ) : (
          <code>$ {actions.command.value}</code>
        )}
      </p>
    </>
  );
}

/** The list of images asks for their layers as well, while it is to be seen. */
function WatchedImages(props: Parameters<typeof ImageList>[0] & { isShown: boolean }): JSX.Element {
  useEffect(() => (props.isShown ? props.session.engine.watch('layers') : undefined), [props.isShown]);
  return (
    <>
      <ImageList {...props} />
      <p class="section-foot">
        <ImageLoadButton session={props.session} />
      </p>
    </>
  );
}

function Section(props: { title: string; count: string | undefined; isOpenAtFirst?: boolean; children: () => ComponentChildren }): JSX.Element {
  const [isOpen, setOpen] = useState(props.isOpenAtFirst ?? false);
  return (
    <details class="section" open={isOpen} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" />
        <h2>{props.title}</h2>
        {props.count !== undefined && <span class="section-count">{props.count}</span>}
      </summary>
      {isOpen && props.children()}
    </details>
  );
}

function Waiting({ session }: { session: Session }): JSX.Element {
  const { kind } = session.machine.state.value;
  const text = kind === 'running' ? 'Asking the engine…' : kind === 'starting' ? 'The machine is starting…' : 'The machine is not running.';
  return <p class="empty quiet-text">{text}</p>;
}

function EngineProblem({ session }: { session: Session }): JSX.Element | null {
  const problem = session.engine.problem.value;
  if (problem === undefined) return null;
  return (
    <p class="action-error" role="alert">
      <Icon name="alert" />
      <span>What you see here may be out of date: {problem}</span>
      <button type="button" class="button quiet" onClick={() => session.engine.refresh()}>
        Retry
      </button>
    </p>
  );
}
