import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { messageOf, SandboxError } from '../../../core/base/errors.ts';
import type { Unsubscribe } from '../../../core/base/events.ts';
import type { ContainerDetails, ContainerSummary } from '../../../core/docker/container-types.ts';
import { createDockerClient, type DockerClient } from '../../../core/docker/docker-client.ts';
import type { NetworkSummary, VolumeSummary } from '../../../core/docker/engine-types.ts';
import { stepsOf, type ImageStep } from '../../../core/docker/image-layers.ts';
import type { ImageSummary } from '../../../core/docker/image-types.ts';
import { ENGINE_SOCKET, type EngineEvent, type EngineNews, type Sandbox } from '../../../core/protocol/sandbox.ts';
import { QuietTimer } from '../quiet-timer.ts';

/** What an image is made of. */
export interface ImageMaking {
  /** The digests of its layers, lowest first. */
  readonly layers: readonly string[];
  readonly steps: readonly ImageStep[];
}

/** What somebody looks at: only that is asked for, for every question costs the guest millions of instructions (docs/performance.md). */
export type EngineInterest = 'lists' | 'layers';

const lists = ['containers', 'images', 'networks', 'volumes'] as const;
type ListName = (typeof lists)[number];

/** What happens to a container that changes what a list shows of it; what a program or a learner does inside changes nothing. */
const containerActions = new Set(['create', 'start', 'die', 'destroy', 'pause', 'unpause', 'rename', 'update', 'oom']);

/** What the page knows of the engine: asked when something has happened and somebody looks, and never by the clock. */
export class Engine {
  readonly #images = signal<readonly ImageSummary[] | undefined>(undefined);
  readonly #containers = signal<readonly ContainerSummary[] | undefined>(undefined);
  readonly #details = signal<ReadonlyMap<string, ContainerDetails>>(new Map());
  readonly #networks = signal<readonly NetworkSummary[] | undefined>(undefined);
  readonly #volumes = signal<readonly VolumeSummary[] | undefined>(undefined);
  readonly #makings = signal<ReadonlyMap<string, ImageMaking>>(new Map());
  readonly #problem = signal<string | undefined>(undefined);
  readonly #interests = new Map<EngineInterest, number>();
  /** Has changed since it was asked for. */
  readonly #stale = new Set<ListName>();
  /** Is to be asked for now. */
  readonly #due = new Set<ListName>();
  /** Ids that the engine no longer knows. */
  readonly #refused = new Set<string>();
  #client: DockerClient | undefined;
  #detach: Unsubscribe = () => undefined;
  readonly #quiet = new QuietTimer(() => void this.#ask());
  #isAsking = false;

  /** The lists are undefined until they were asked for. Images are kept at all times, for the editor. */
  readonly images: ReadonlySignal<readonly ImageSummary[] | undefined> = computed(() => this.#images.value);
  readonly containers: ReadonlySignal<readonly ContainerSummary[] | undefined> = computed(() => this.#containers.value);
  /** By id, of the containers in the list; a moment later than the list. */
  readonly details: ReadonlySignal<ReadonlyMap<string, ContainerDetails>> = computed(() => this.#details.value);
  readonly networks: ReadonlySignal<readonly NetworkSummary[] | undefined> = computed(() => this.#networks.value);
  readonly volumes: ReadonlySignal<readonly VolumeSummary[] | undefined> = computed(() => this.#volumes.value);
  /** By image id; an image never changes, so each is asked for once. */
  readonly makings: ReadonlySignal<ReadonlyMap<string, ImageMaking>> = computed(() => this.#makings.value);
  /** Why the last question had no answer. */
  readonly problem: ReadonlySignal<string | undefined> = computed(() => this.#problem.value);
  /** `repository:tag` of what the engine has, for the editor. */
  readonly imageReferences: ReadonlySignal<readonly string[]> = computed(() => (this.#images.value ?? []).flatMap(({ tags }) => tags));

  /** For what a learner asks by a button. Throws `machine-stopped` while there is no machine. */
  get client(): DockerClient {
    if (this.#client === undefined) throw new SandboxError('machine-stopped', 'The machine is off.');
    return this.#client;
  }

  /** Knows the engine of this sandbox from now on. */
  attach(sandbox: Pick<Sandbox, 'dial' | 'onEngineNews'>): void {
    this.detach();
    this.#client = createDockerClient(() => sandbox.dial(ENGINE_SOCKET));
    this.#detach = sandbox.onEngineNews(news => this.#hear(news));
  }

  /** Forgets everything: the next engine is another one. */
  detach(): void {
    this.#detach();
    this.#quiet.cancel();
    this.#client = undefined;
    this.#stale.clear();
    this.#due.clear();
    this.#refused.clear();
    this.#images.value = undefined;
    this.#containers.value = undefined;
    this.#networks.value = undefined;
    this.#volumes.value = undefined;
    this.#details.value = new Map();
    this.#makings.value = new Map();
    this.#problem.value = undefined;
  }

  /** Somebody looks, until what this gives is called. */
  watch(interest: EngineInterest): Unsubscribe {
    this.#interests.set(interest, (this.#interests.get(interest) ?? 0) + 1);
    this.#quiet.schedule(0);
    let isWatching = true;
    return () => {
      if (isWatching) this.#interests.set(interest, (this.#interests.get(interest) ?? 1) - 1);
      isWatching = false;
    };
  }

  /** Asks again for everything somebody looks at. */
  refresh(): void {
    for (const list of lists) this.#stale.add(list);
    this.#quiet.schedule(0);
  }

  #hear(news: EngineNews): void {
    if (news.kind === 'watching') return this.refresh();
    const changed = listOf(news.event);
    if (changed === undefined) return;
    if (changed === 'containers') this.#forgetDetails(news.event.id);
    this.#stale.add(changed);
    this.#quiet.schedule();
  }

  #forgetDetails(id: string): void {
    this.#refused.delete(id);
    if (!this.#details.value.has(id)) return;
    const details = new Map(this.#details.value);
    details.delete(id);
    this.#details.value = details;
  }

  #isWatched(interest: EngineInterest): boolean {
    return (this.#interests.get(interest) ?? 0) > 0;
  }

  /** What is stale and looked at is now asked for. One question at a time; what becomes stale meanwhile waits for its own quiet. */
  async #ask(): Promise<void> {
    for (const list of this.#stale) {
      if (list !== 'images' && !this.#isWatched('lists')) continue;
      this.#stale.delete(list);
      this.#due.add(list);
    }
    const client = this.#client;
    if (this.#isAsking || client === undefined) return;
    this.#isAsking = true;
    try {
      for (let next = this.#next(client); next !== undefined && client === this.#client; next = this.#next(client)) await next();
      if (client === this.#client) this.#problem.value = undefined;
    } catch (error) {
      if (client === this.#client) this.#problem.value = messageOf(error);
    } finally {
      this.#isAsking = false;
      // The machine was changed while its predecessor was asked: nobody has asked the new one yet.
      if (client !== this.#client) this.#quiet.schedule(0);
    }
  }

  /** The next thing to ask, as something to do; undefined when all that somebody looks at is known. */
  #next(client: DockerClient): (() => Promise<void>) | undefined {
    const due = lists.find(list => this.#due.has(list));
    if (due !== undefined) return () => this.#askList(client, due);
    const isUnknown = (known: ReadonlyMap<string, unknown>, id: string): boolean => !known.has(id) && !this.#refused.has(id);
    const container = this.#isWatched('lists') ? this.#containers.value?.find(({ id }) => isUnknown(this.#details.value, id)) : undefined;
    if (container !== undefined) return () => this.#askOne(client, container.id, () => this.#askDetails(client, container.id));
    const image = this.#isWatched('layers') ? this.#images.value?.find(({ id }) => isUnknown(this.#makings.value, id)) : undefined;
    return image === undefined ? undefined : () => this.#askOne(client, image.id, () => this.#askMaking(client, image.id));
  }

  async #askList(client: DockerClient, list: ListName): Promise<void> {
    this.#due.delete(list);
    try {
      const take = await this.#question(client, list);
      if (client === this.#client) take();
    } catch (error) {
      if (client === this.#client) this.#stale.add(list);
      throw error;
    }
  }

  /** Asks for a list; gives what keeps the answer. */
  async #question(client: DockerClient, list: ListName): Promise<() => void> {
    if (list === 'containers') {
      const containers = await client.containers(true);
      return () => this.#takeContainers(containers);
    }
    if (list === 'images') {
      const images = await client.images();
      return () => {
        this.#images.value = images;
        this.#makings.value = keepOf(this.#makings.value, images);
      };
    }
    if (list === 'networks') {
      const networks = await client.networks();
      return () => void (this.#networks.value = networks);
    }
    const volumes = await client.volumes();
    return () => void (this.#volumes.value = volumes);
  }

  #takeContainers(containers: readonly ContainerSummary[]): void {
    // Its state may have changed after its details were asked for, by an event that is still on its way.
    const fresh = containers.filter(({ id, state }) => this.#details.value.get(id)?.state === state);
    this.#details.value = keepOf(this.#details.value, fresh);
    this.#containers.value = containers;
  }

  /** What was removed since it was listed is refused, and its end is told by an event: until then it is not asked for again. */
  async #askOne(client: DockerClient, id: string, ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      const isRefused = error instanceof SandboxError && error.code === 'docker-refused';
      if (!isRefused || client !== this.#client) throw error;
      this.#refused.add(id);
    }
  }

  async #askDetails(client: DockerClient, id: string): Promise<void> {
    const details = await client.containerDetails(id);
    if (client === this.#client) this.#details.value = new Map(this.#details.value).set(id, details);
  }

  async #askMaking(client: DockerClient, id: string): Promise<void> {
    const details = await client.imageDetails(id);
    const making = { layers: details.layers, steps: stepsOf(details, await client.history(id)) };
    if (client === this.#client) this.#makings.value = new Map(this.#makings.value).set(id, making);
  }
}

/** Which list an event makes stale. */
function listOf({ type, action }: EngineEvent): ListName | undefined {
  if (type === 'image') return 'images';
  if (type === 'container') return containerActions.has(action) ? 'containers' : undefined;
  // A container's address comes and goes with its connection to a network.
  if (type === 'network') return action === 'connect' || action === 'disconnect' ? 'containers' : 'networks';
  return type === 'volume' && (action === 'create' || action === 'destroy') ? 'volumes' : undefined;
}

/** Without what is no longer there. */
function keepOf<T>(known: ReadonlyMap<string, T>, listed: readonly { readonly id: string }[]): ReadonlyMap<string, T> {
  const ids = new Set(listed.map(({ id }) => id));
  return new Map([...known].filter(([id]) => ids.has(id)));
}
