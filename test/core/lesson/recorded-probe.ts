import { SandboxError } from '../../../src/core/base/errors.ts';
import type { CommandResult } from '../../../src/core/control/guest-answers.ts';
import type { ContainerSummary } from '../../../src/core/docker/container-types.ts';
import type { ImageDetails } from '../../../src/core/docker/image-types.ts';
import type { CheckProbe, TypedCommand } from '../../../src/core/lesson/check/check-probe.ts';
import type { CheckKind, CheckOf, LabMoment } from '../../../src/core/lesson/check/check-schema.ts';
import type { Check } from '../../../src/core/lesson/lesson.ts';

/** What a machine answered; what is not recorded is not there, and a question without an answer is refused. */
export interface Recorded {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly images?: readonly { readonly tags: readonly string[]; readonly sizeBytes?: number; readonly details?: DetailsOf<ImageDetails> }[];
  readonly containers?: readonly (Partial<ContainerSummary> & OfContainer)[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly http?: Readonly<Record<string, { readonly status: number; readonly body: string }>>;
  readonly run?: CommandResult;
  readonly typed?: readonly TypedCommand[];
  readonly labMoments?: readonly LabMoment[];
}

/** What the list of containers does not tell. */
interface OfContainer {
  readonly exitCode?: number;
  readonly environment?: readonly string[];
  readonly logs?: string;
}

type DetailsOf<T extends ImageDetails> = { readonly layers?: T['layers']; readonly config?: Partial<T['config']> };

const emptyConfig: ImageDetails['config'] = {
  entrypoint: [],
  command: [],
  environment: [],
  workingDirectory: '',
  user: '',
  exposedPorts: [],
  labels: {},
};

/** A check of a kind, as a lesson would hold it. */
export function checkOf<K extends CheckKind>(kind: K, source: CheckOf<K>): Check {
  return { id: 'step/check-1', kind, source, place: { file: 'lesson.md', line: 1, column: 1 } } as Check;
}

/** A probe of the machine that gave these answers. */
export function probeOf(recorded: Recorded): CheckProbe {
  const containers = (recorded.containers ?? []).map(containerOf);
  const refuse = (what: string) => Promise.reject(new SandboxError('docker-refused', `No such ${what}`));
  return {
    run: () => (recorded.run ? Promise.resolve(recorded.run) : Promise.reject(new SandboxError('machine-stopped', 'The machine has stopped.'))),
    readFile: path => {
      const content = recorded.files?.[path];
      return Promise.resolve(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    },
    images: () =>
      Promise.resolve(
        (recorded.images ?? []).map(({ tags, sizeBytes = 1000 }, index) => ({ id: `sha256:${index}`, tags, sizeBytes, createdMilliseconds: 0 })),
      ),
    imageDetails: name => {
      const image = recorded.images?.find(({ tags }) => tags.includes(name) || tags.includes(`${name}:latest`));
      if (!image) return refuse(`image: ${name}`);
      return Promise.resolve({ id: 'sha256:x', layers: image.details?.layers ?? [], config: { ...emptyConfig, ...image.details?.config } });
    },
    containers: () => Promise.resolve(containers),
    containerDetails: id => {
      const container = containers.find(one => one.id === id);
      if (!container) return refuse(`container: ${id}`);
      const { state, environment = [], exitCode = 0 } = container;
      const times = { startedMilliseconds: undefined, finishedMilliseconds: undefined };
      return Promise.resolve({ id, state, exitCode, isOutOfMemory: false, startError: '', ...times, environment, hasTerminal: false });
    },
    containerLogs: ({ id }) => Promise.resolve(containers.find(one => one.id === id)?.logs ?? ''),
    networks: () =>
      Promise.resolve((recorded.networks ?? ['bridge', 'host', 'none']).map(name => ({ id: name, name, driver: 'bridge', subnets: [] }))),
    volumes: () => Promise.resolve((recorded.volumes ?? []).map(name => ({ name, driver: 'local', mountPoint: '', createdMilliseconds: 0 }))),
    http: (port, path) => Promise.resolve(recorded.http?.[`${port}${path}`]),
    typed: recorded.typed ?? [],
    labMoments: new Set(recorded.labMoments),
  };
}

function containerOf(container: NonNullable<Recorded['containers']>[number], index: number): ContainerSummary & OfContainer {
  return {
    id: `id${index}`,
    names: [`name${index}`],
    image: 'image',
    imageId: 'sha256:0',
    command: '',
    state: 'running',
    status: 'Up 2 minutes',
    createdMilliseconds: index,
    ports: [],
    unpublishedPorts: [],
    mounts: [],
    networks: [],
    ...container,
  };
}
