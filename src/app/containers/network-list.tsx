import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { NetworkSummary } from '../../core/docker/engine-types.ts';
import { ActionButtons, ActionError, CommandButton, CommandLine, CommandMenu } from './action-buttons.tsx';
import type { ListProps } from './container-list.tsx';
import { InspectView } from './json-view.tsx';
import { containerName } from './object-name.ts';

/** Made by the engine itself; it does not let them be removed. */
const builtIn = new Set(['bridge', 'host', 'none']);
const explanations: Readonly<Record<string, string>> = {
  bridge: 'where containers go by default; here they cannot find each other by name',
  host: 'the machine’s own network, with no isolation',
  none: 'no network at all',
};

/** The networks, with who is on them. */
export function NetworkList(props: ListProps & { networks: readonly NetworkSummary[] }): JSX.Element {
  const own = props.networks.filter(({ name }) => !builtIn.has(name));
  return (
    <>
      <ul class="cards" aria-label="Networks">
        {[...own, ...props.networks.filter(({ name }) => builtIn.has(name))].map(network => (
          <NetworkCard key={network.id} {...props} network={network} />
        ))}
      </ul>
      {own.length === 0 && (
        <div class="empty">
          <p>Containers on a network that you created find each other by name.</p>
          <CommandLine session={props.session} command="docker network create shop" />
        </div>
      )}
    </>
  );
}

function NetworkCard({ session, actions, network }: ListProps & { network: NetworkSummary }): JSX.Element {
  const [isInspected, setInspected] = useState(false);
  const { id, name, driver, subnets } = network;
  const drawerId = `drawer-${id}`;
  const members = (session.engine.containers.value ?? []).filter(({ networks }) => networks.some(one => one.name === name && one.address !== ''));
  const removal = {
    label: 'Remove',
    command: `docker network rm ${name}`,
    run: () => session.engine.client.remove('network', id, false),
  };
  return (
    <li class="card">
      <div class="card-head">
        <strong class="card-name">{name}</strong>
        <span class="quiet-text">{explanations[name] ?? driver}</span>
      </div>
      <p class="card-state">{[...subnets, members.length === 0 ? 'no running container' : members.map(containerName).join(', ')].join(' · ')}</p>
      <div class="card-buttons">
        <CommandButton
          label="Inspect"
          of={name}
          actions={actions}
          command={`docker network inspect ${name}`}
          controls={drawerId}
          isExpanded={isInspected}
          onClick={() => setInspected(!isInspected)}
        />
        {!builtIn.has(name) && <ActionButtons id={id} of={name} list={[removal]} actions={actions} />}
        <CommandMenu
          session={session}
          of={name}
          commands={[
            `docker network inspect ${name}`,
            ...(builtIn.has(name) ? [] : [`docker run --rm -it --network ${name} busybox`, removal.command]),
          ]}
        />
      </div>
      <ActionError id={id} actions={actions} />
      {isInspected && <InspectView id={drawerId} session={session} kind="network" name={id} of={name} />}
    </li>
  );
}
