import { containerStateOf, type ContainerDetails, type ContainerMount, type ContainerSummary, type PublishedPort } from './container-types.ts';
import { listOf, numberOf, objectOf, objectsOf, partOf, textOf, textsOf, timeOf, type JsonObject } from './json-fields.ts';

export const protocols = ['tcp', 'udp', 'sctp'] as const;

export function parseContainers(value: unknown): readonly ContainerSummary[] {
  return listOf(value, 'its containers').map(item => {
    const container = objectOf(item, 'a container');
    return {
      id: textOf(container.Id),
      names: textsOf(container.Names).map(name => name.replace(/^\//, '')),
      image: textOf(container.Image),
      imageId: textOf(container.ImageID),
      command: textOf(container.Command),
      state: containerStateOf(container.State),
      status: textOf(container.Status),
      createdMilliseconds: numberOf(container.Created) * 1000,
      ports: parsePorts(objectsOf(container.Ports)),
      unpublishedPorts: objectsOf(container.Ports)
        .filter(port => numberOf(port.PublicPort) === 0)
        .map(port => `${numberOf(port.PrivatePort)}/${textOf(port.Type)}`),
      mounts: objectsOf(container.Mounts).map(parseMount),
      networks: Object.entries(partOf(partOf(container.NetworkSettings).Networks)).map(([name, network]) => ({
        name,
        address: textOf(partOf(network).IPAddress),
      })),
    };
  });
}

/** The engine lists a port once for each address it is published on. */
function parsePorts(ports: readonly JsonObject[]): readonly PublishedPort[] {
  const found = new Map<string, PublishedPort>();
  for (const port of ports) {
    const protocol = protocols.find(one => one === port.Type);
    const hostPort = numberOf(port.PublicPort);
    if (protocol === undefined || hostPort === 0) continue;
    found.set(`${hostPort}/${protocol}`, { hostPort, containerPort: numberOf(port.PrivatePort), protocol });
  }
  return [...found.values()].sort((one, other) => one.hostPort - other.hostPort);
}

function parseMount(mount: JsonObject): ContainerMount {
  return {
    kind: textOf(mount.Type),
    volume: textOf(mount.Name),
    source: textOf(mount.Source),
    destination: textOf(mount.Destination),
    isReadOnly: mount.RW === false,
  };
}

export function parseContainerDetails(value: unknown): ContainerDetails {
  const container = objectOf(value, 'a container');
  const state = partOf(container.State);
  return {
    id: textOf(container.Id),
    state: containerStateOf(state.Status),
    exitCode: numberOf(state.ExitCode),
    isOutOfMemory: state.OOMKilled === true,
    startError: textOf(state.Error),
    startedMilliseconds: timeOf(state.StartedAt),
    finishedMilliseconds: timeOf(state.FinishedAt),
    environment: textsOf(partOf(container.Config).Env),
    hasTerminal: partOf(container.Config).Tty === true,
  };
}
