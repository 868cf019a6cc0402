import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ContainerDetails, ContainerSummary, PublishedPort } from '../../core/docker/container-types.ts';
import { formatDuration } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { ActionButtons, ActionError, CommandButton, CommandLine, CommandMenu } from './action-buttons.tsx';
import { containerActions, containerCommands } from './container-actions.ts';
import { exitMeaning } from './exit-code.ts';
import { InspectView } from './json-view.tsx';
import { LogView } from './log-view.tsx';
import { containerName } from './object-name.ts';
import type { PaneActions } from './pane-actions.ts';

export interface ListProps {
  readonly session: Session;
  readonly actions: PaneActions;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** All containers, the newest first. */
export function ContainerList(props: ListProps & { containers: readonly ContainerSummary[] }): JSX.Element {
  const { session, containers } = props;
  if (containers.length === 0) {
    return (
      <div class="empty">
        <p>No containers. A container is a program started from an image, with files of its own.</p>
        <CommandLine session={session} command="docker run hello-world" />
        <CommandLine session={session} command="docker run -d --name sleeper busybox sleep 600" />
      </div>
    );
  }
  return (
    <ul class="cards" aria-label="Containers">
      {containers.map(container => (
        <ContainerCard key={container.id} {...props} container={container} details={session.engine.details.value.get(container.id)} />
      ))}
    </ul>
  );
}

interface CardProps extends ListProps {
  readonly container: ContainerSummary;
  readonly details: ContainerDetails | undefined;
}

function ContainerCard(props: CardProps): JSX.Element {
  const { session, actions, container, details } = props;
  const [drawer, setDrawer] = useState<'logs' | 'inspect' | undefined>(undefined);
  const name = containerName(container);
  const drawerId = `drawer-${container.id}`;
  const toggle = (kind: 'logs' | 'inspect'): void => setDrawer(drawer === kind ? undefined : kind);
  const common = { of: name, actions, controls: drawerId };
  return (
    <li class="card">
      <div class="card-head">
        <StateDot container={container} details={details} />
        <strong class="card-name">{name}</strong>
        <span class="card-image">{container.image}</span>
      </div>
      <StateLine {...props} />
      <code class="card-command" title={container.command}>
        {container.command}
      </code>
      <Ports session={session} container={container} />
      <Attachments container={container} />
      <div class="card-buttons">
        <ActionButtons id={container.id} of={name} list={containerActions(container, () => session.engine.client)} actions={actions} />
        <CommandButton {...common} label="Logs" command={`docker logs -f ${name}`} isExpanded={drawer === 'logs'} onClick={() => toggle('logs')} />
        {container.state === 'running' && (
          <CommandButton
            of={name}
            actions={actions}
            label="Shell"
            command={`docker exec -it ${name} sh`}
            onClick={() => session.proposeCommand(`docker exec -it ${name} sh`)}
          />
        )}
        <CommandButton
          {...common}
          label="Inspect"
          command={`docker inspect ${name}`}
          isExpanded={drawer === 'inspect'}
          onClick={() => toggle('inspect')}
        />
        <CommandMenu session={session} of={name} commands={containerCommands(container)} />
      </div>
      <ActionError id={container.id} actions={actions} />
      {drawer === 'logs' && (
        <LogView id={drawerId} session={session} container={container.id} of={name} run={String(details?.startedMilliseconds ?? '')} />
      )}
      {drawer === 'inspect' && <InspectView id={drawerId} session={session} kind="container" name={container.id} of={name} />}
    </li>
  );
}

function toneOf({ state }: ContainerSummary, details: ContainerDetails | undefined): string {
  if (state === 'running') return 'good';
  if (state === 'paused' || state === 'restarting' || state === 'removing') return 'busy';
  if (state === 'dead') return 'bad';
  return details !== undefined && (details.exitCode !== 0 || details.startError !== '') ? 'bad' : 'idle';
}

function StateDot({ container, details }: { container: ContainerSummary; details: ContainerDetails | undefined }): JSX.Element {
  return <span class={`dot ${toneOf(container, details)}`} aria-hidden="true" />;
}

/** Its state in words: since when, and how it ended. */
function StateLine({ container, details, now }: CardProps): JSX.Element {
  return (
    <p class="card-state">
      {stateWords(container, details, now)}
      {details !== undefined && details.startError !== '' && <span class="bad-text"> {details.startError}</span>}
    </p>
  );
}

function stateWords(container: ContainerSummary, details: ContainerDetails | undefined, now: number): JSX.Element | string {
  const ago = (milliseconds: number | undefined): string => (milliseconds === undefined ? '' : `${formatDuration(now - milliseconds)} ago`);
  const started = details?.startedMilliseconds;
  switch (container.state) {
    case 'running':
      return started === undefined ? 'Running' : `Running for ${formatDuration(now - started)}`;
    case 'created':
      return `Created ${ago(container.createdMilliseconds)}, not started`;
    case 'exited':
      if (details === undefined) return 'Exited';
      return (
        <>
          Exited {ago(details.finishedMilliseconds)} with code <b class={details.exitCode === 0 ? '' : 'bad-text'}>{details.exitCode}</b>:{' '}
          {exitMeaning(details)}
        </>
      );
    default:
      return container.status;
  }
}

function Ports({ session, container }: { session: Session; container: ContainerSummary }): JSX.Element | null {
  const { ports, unpublishedPorts } = container;
  const isRunning = container.state === 'running';
  if (ports.length === 0 && (unpublishedPorts.length === 0 || !isRunning)) return null;
  return (
    <ul class="card-ports" aria-label="Ports">
      {ports.map(port => (
        <li key={`${port.hostPort}/${port.protocol}`}>
          <PublishedPortText session={session} port={port} />
        </li>
      ))}
      {unpublishedPorts.map(port => (
        <li key={port} class="card-port quiet-text" title="Its image names this port, but it is not published: -p would">
          {port} not published
        </li>
      ))}
    </ul>
  );
}

function PublishedPortText({ session, port }: { session: Session; port: PublishedPort }): JSX.Element {
  const { hostPort, containerPort, protocol } = port;
  const text = `localhost:${hostPort} → ${containerPort}/${protocol}`;
  // A browser speaks only TCP.
  if (protocol !== 'tcp') return <span class="card-port">{text}</span>;
  return (
    <button
      type="button"
      class="card-port"
      title={`Port ${hostPort} outside leads to port ${containerPort} in the container: open it in the browser pane`}
      onClick={() => session.preview.open({ port: hostPort, path: '/' })}
    >
      {text}
    </button>
  );
}

/** Networks other than the usual one, and what it sees of files outside. */
function Attachments({ container }: { container: ContainerSummary }): JSX.Element | null {
  const networks = container.networks.filter(({ name }) => name !== 'bridge');
  if (networks.length === 0 && container.mounts.length === 0) return null;
  return (
    <ul class="attachments" aria-label="Networks and mounts">
      {networks.map(({ name, address }) => (
        <li key={name}>
          network {name}
          {address !== '' && ` (${address})`}
        </li>
      ))}
      {container.mounts.map(mount => (
        <li key={mount.destination}>
          {mount.kind} {mount.volume === '' ? mount.source : volumeWord(mount.volume)} at {mount.destination}
          {mount.isReadOnly && ', read-only'}
        </li>
      ))}
    </ul>
  );
}

/** A volume without a name has a long number for one. */
function volumeWord(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? `${name.slice(0, 12)}…` : name;
}
