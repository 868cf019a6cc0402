import { SandboxError } from '../base/errors.ts';
import type { ContainerSummary, EngineEvent, EngineVersion } from './engine-types.ts';
import type { ImageSummary } from './image-summary.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const containerStates = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;
const UNTAGGED = '<none>:<none>';
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

export function parseImages(value: unknown): readonly ImageSummary[] {
  return listOf(value, 'its images').map(item => {
    const image = objectOf(item, 'an image');
    return { id: textOf(image.Id), tags: textsOf(image.RepoTags).filter(tag => tag !== UNTAGGED), sizeBytes: numberOf(image.Size) };
  });
}

export function parseContainers(value: unknown): readonly ContainerSummary[] {
  return listOf(value, 'its containers').map(item => {
    const container = objectOf(item, 'a container');
    return {
      id: textOf(container.Id),
      names: textsOf(container.Names).map(name => name.replace(/^\//, '')),
      image: textOf(container.Image),
      command: textOf(container.Command),
      state: containerStates.find(state => state === container.State) ?? 'unknown',
      status: textOf(container.Status),
      createdMilliseconds: numberOf(container.Created) * 1000,
    };
  });
}

export function parseEvent(value: unknown): EngineEvent {
  const event = objectOf(value, 'an event');
  const actor = isObject(event.Actor) ? event.Actor : {};
  const attributes = isObject(actor.Attributes) ? Object.entries(actor.Attributes) : [];
  return {
    type: textOf(event.Type),
    action: textOf(event.Action),
    id: textOf(actor.ID),
    attributes: Object.fromEntries(attributes.map(([name, text]) => [name, textOf(text)])),
    timeMilliseconds: Math.floor(numberOf(event.timeNano) / NANOSECONDS_PER_MILLISECOND),
  };
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

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw unreadable(what);
  return value;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(what);
  return value;
}

function unreadable(what: string): SandboxError {
  return new SandboxError('docker-refused', `The Docker Engine told of ${what} in a way that cannot be read.`);
}

/** Fields that are missing or null, as Go writes empty ones, are empty. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}
