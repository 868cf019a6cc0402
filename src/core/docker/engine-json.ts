import { protocols } from './container-json.ts';
import type { EngineEvent, EngineVersion, NetworkSummary, ServiceSummary, VolumeSummary } from './engine-types.ts';
import { isObject, listOf, numberOf, objectOf, objectsOf, partOf, textMapOf, textOf, timeOf } from './json-fields.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

export function parseVersion(value: unknown): EngineVersion {
  const engine = objectOf(value, 'its version');
  return {
    version: textOf(engine.Version),
    apiVersion: textOf(engine.ApiVersion),
    architecture: textOf(engine.Arch),
    kernelVersion: textOf(engine.KernelVersion),
  };
}

export function parseEvent(value: unknown): EngineEvent {
  const event = objectOf(value, 'an event');
  const actor = partOf(event.Actor);
  return {
    type: textOf(event.Type),
    action: textOf(event.Action),
    id: textOf(actor.ID),
    attributes: textMapOf(actor.Attributes),
    timeMilliseconds: Math.floor(numberOf(event.timeNano) / NANOSECONDS_PER_MILLISECOND),
  };
}

export function parseNetworks(value: unknown): readonly NetworkSummary[] {
  return listOf(value, 'its networks').map(item => {
    const network = objectOf(item, 'a network');
    const subnets = objectsOf(partOf(network.IPAM).Config).map(({ Subnet }) => textOf(Subnet));
    return {
      id: textOf(network.Id),
      name: textOf(network.Name),
      driver: textOf(network.Driver),
      subnets: subnets.filter(subnet => subnet !== ''),
    };
  });
}

export function parseServices(value: unknown): readonly ServiceSummary[] {
  return listOf(value, 'its services').map(item => {
    const service = objectOf(item, 'a service');
    const spec = partOf(service.Spec);
    return {
      name: textOf(spec.Name),
      image: textOf(partOf(partOf(spec.TaskTemplate).ContainerSpec).Image),
      ports: objectsOf(partOf(service.Endpoint).Ports).flatMap(port => {
        const protocol = protocols.find(one => one === port.Protocol);
        const hostPort = numberOf(port.PublishedPort);
        // Of the mode `host` is what the containers publish themselves.
        if (protocol === undefined || hostPort === 0 || port.PublishMode !== 'ingress') return [];
        return [{ hostPort, containerPort: numberOf(port.TargetPort), protocol }];
      }),
    };
  });
}

export function parseVolumes(value: unknown): readonly VolumeSummary[] {
  return objectsOf(objectOf(value, 'its volumes').Volumes).map(volume => ({
    name: textOf(volume.Name),
    driver: textOf(volume.Driver),
    mountPoint: textOf(volume.Mountpoint),
    createdMilliseconds: timeOf(volume.CreatedAt) ?? 0,
  }));
}

/** The engine's own sentence in an error's body, or undefined. */
export function parseErrorMessage(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) && typeof value.message === 'string' && value.message !== '' ? value.message : undefined;
  } catch {
    return undefined;
  }
}
