import { containerStateOf, type ContainerDetails, type ContainerMount, type ContainerSummary, type PortMapping } from './container-types.ts';
import { listOf, numberOf, objectOf, objectsOf, partOf, textOf, textsOf, timeOf, type JsonObject } from './json-fields.ts';

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
      ports: objectsOf(container.Ports).map(parsePort),
      mounts: objectsOf(container.Mounts).map(parseMount),
      networks: Object.entries(partOf(partOf(container.NetworkSettings).Networks)).map(([name, network]) => ({
        name,
        address: textOf(partOf(network).IPAddress),
      })),
    };
  });
}

function parsePort(port: JsonObject): PortMapping {
  const mapping = { containerPort: numberOf(port.PrivatePort), protocol: textOf(port.Type) };
  const publicPort = numberOf(port.PublicPort);
  return publicPort === 0 ? mapping : { ...mapping, published: { address: textOf(port.IP), port: publicPort } };
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
    hasTerminal: partOf(container.Config).Tty === true,
  };
}
