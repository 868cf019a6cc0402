import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { VolumeSummary } from '../../core/docker/engine-types.ts';
import { formatDuration } from '../session/format.ts';
import { ActionButtons, ActionError, CommandButton, CommandLine, CommandMenu } from './action-buttons.tsx';
import type { ListProps } from './container-list.tsx';
import { InspectView } from './json-view.tsx';
import { containerName } from './object-name.ts';

/** The volumes, with who uses them. */
export function VolumeList(props: ListProps & { volumes: readonly VolumeSummary[] }): JSX.Element {
  if (props.volumes.length === 0) {
    return (
      <div class="empty">
        <p>No volumes. A volume keeps files when the container that wrote them is removed.</p>
        <CommandLine session={props.session} command="docker volume create data" />
        <CommandLine session={props.session} command="docker run --rm -it -v data:/data busybox" />
      </div>
    );
  }
  return (
    <ul class="cards" aria-label="Volumes">
      {props.volumes.map(volume => (
        <VolumeCard key={volume.name} {...props} volume={volume} />
      ))}
    </ul>
  );
}

function VolumeCard({ session, actions, now, volume }: ListProps & { volume: VolumeSummary }): JSX.Element {
  const [isInspected, setInspected] = useState(false);
  const { name } = volume;
  const id = `volume-${name}`;
  const drawerId = `drawer-${id}`;
  const users = (session.engine.containers.value ?? []).filter(({ mounts }) => mounts.some(mount => mount.volume === name));
  const removal = {
    label: 'Remove',
    command: `docker volume rm ${name}`,
    question: { title: `Remove the volume ${name}?`, text: 'The files in it are lost.', confirm: 'Remove', isDangerous: true },
    run: () => session.engine.client.remove('volume', name, false),
  };
  return (
    <li class="card">
      <div class="card-head">
        <strong class="card-name">{name}</strong>
      </div>
      <p class="card-state">
        made {formatDuration(now - volume.createdMilliseconds)} ago ·{' '}
        {users.length === 0 ? 'used by no container' : `used by ${users.map(containerName).join(', ')}`}
      </p>
      <div class="card-buttons">
        <CommandButton
          label="Inspect"
          of={name}
          actions={actions}
          command={`docker volume inspect ${name}`}
          controls={drawerId}
          isExpanded={isInspected}
          onClick={() => setInspected(!isInspected)}
        />
        <ActionButtons id={id} of={name} list={[removal]} actions={actions} />
        <CommandMenu
          session={session}
          of={name}
          commands={[`docker volume inspect ${name}`, `docker run --rm -it -v ${name}:/data busybox`, removal.command]}
        />
      </div>
      <ActionError id={id} actions={actions} />
      {isInspected && <InspectView id={drawerId} session={session} kind="volume" name={name} of={name} />}
    </li>
  );
}
