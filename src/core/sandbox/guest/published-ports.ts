import { Emitter, type Event, type Unsubscribe } from '../../base/events.ts';
import type { DockerClient } from '../../docker/docker-client.ts';
import type { ContainerSummary } from '../../docker/container-types.ts';
import type { EngineNews, ServiceSummary } from '../../docker/engine-types.ts';
import type { OpenPort } from '../../preview/preview-call.ts';

/** A container that ends within this time need not be asked about: most of a learner's first ones do. */
const SETTLE_MILLISECONDS = 150;
/** How long somebody who wants to know waits for an answer that is due. */
const SETTLED_MILLISECONDS = 2000;
/** Pauses before the engine is asked again after it did not answer; after the last, its next news is waited for. */
const PAUSES_MILLISECONDS = [500, 2000, 8000];

/** What a swarm calls the container that does a part of a service's work: the service, a number, the task's id. */
const TASK_NAME = /^(.+)\.[^.]+\.[0-9a-z]{25}$/;

/** Which ports containers and a swarm's services publish, kept by the engine's own events: while nothing happens nothing is asked. */
export class PublishedPorts {
  readonly #change = new Emitter<readonly OpenPort[]>();
  readonly onChange: Event<readonly OpenPort[]> = this.#change.event;
  readonly #docker: Pick<DockerClient, 'containers' | 'services'>;
  readonly #abort = new AbortController();
  readonly #unsubscribe: Unsubscribe;
  /** Why the engine is to be asked again: containers that started or ended since. */
  readonly #reasons = new Set<string>();
  #ports: readonly OpenPort[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #failures = 0;

  constructor(docker: Pick<DockerClient, 'containers' | 'services'>, onNews: Event<EngineNews>) {
    this.#docker = docker;
    this.#unsubscribe = onNews(news => this.#hear(news));
  }

  /** The ports published now, by host port. */
  get ports(): readonly OpenPort[] {
    return this.#ports;
  }

  /** The ports, once a question that is due has been answered; without waiting longer than a learner would. */
  async settled(): Promise<readonly OpenPort[]> {
    const end = performance.now() + SETTLED_MILLISECONDS;
    while ((this.#isAsking || this.#reasons.size > 0) && performance.now() < end) {
      await new Promise<void>(resolve => setTimeout(resolve, SETTLE_MILLISECONDS / 3));
    }
    return this.#ports;
  }

  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #hear(news: EngineNews): void {
    if (news.kind === 'watching') return this.#askSoon('whatever starts or ends');
    const { type, action, id } = news.event;
    if (type !== 'container') return;
    const isListed = this.#ports.some(({ containerId }) => containerId === id);
    if (action === 'start') this.#askSoon(id);
    else if (isListed && (action === 'die' || action === 'rename')) this.#askSoon(id);
    else if (action === 'die') this.#forget(id);
  }

  /** A container that has ended is of no interest, unless an answer that is on its way may name it. */
  #forget(id: string): void {
    if (this.#isAsking) {
      this.#reasons.add(id);
      return;
    }
    this.#reasons.delete(id);
    if (this.#reasons.size === 0) clearTimeout(this.#timer);
  }

  #askSoon(reason: string, milliseconds = SETTLE_MILLISECONDS): void {
    this.#reasons.add(reason);
    clearTimeout(this.#timer);
    if (!this.#isAsking) this.#timer = setTimeout(() => void this.#ask(), milliseconds);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const reasons = [...this.#reasons];
    this.#reasons.clear();
    let pause: number | undefined = SETTLE_MILLISECONDS;
    try {
      const containers = await this.#docker.containers(false, this.#abort.signal);
      this.#set(portsOf(containers, await this.#services(containers)));
      this.#failures = 0;
    } catch {
      // The sandbox's status reports an engine that restarts; its watch then begins again and brings us here again.
      pause = PAUSES_MILLISECONDS[this.#failures++];
      if (pause !== undefined) reasons.forEach(reason => this.#reasons.add(reason));
      else this.#failures = 0;
    }
    this.#isAsking = false;
    const [reason] = this.#reasons;
    if (reason !== undefined && !this.#abort.signal.aborted) this.#askSoon(reason, pause);
  }

  /** Only an engine that does a service's work is asked for services: no other leads a swarm. */
  async #services(containers: readonly ContainerSummary[]): Promise<readonly ServiceSummary[]> {
    return containers.some(container => serviceOf(container) !== undefined) ? this.#docker.services(this.#abort.signal) : [];
  }

  #set(ports: readonly OpenPort[]): void {
    if (JSON.stringify(ports) === JSON.stringify(this.#ports)) return;
    this.#ports = ports;
    this.#change.emit(ports);
  }
}

function serviceOf({ names }: ContainerSummary): string | undefined {
  return TASK_NAME.exec(names[0] ?? '')?.[1];
}

/** A port of a service is listed with one of the containers that do its work: when that one ends, the engine is asked again. */
function portsOf(containers: readonly ContainerSummary[], services: readonly ServiceSummary[]): readonly OpenPort[] {
  const ofContainers = containers.flatMap(({ id, names, image, ports }) =>
    ports.map(port => ({ ...port, container: names[0] ?? id.slice(0, 12), containerId: id, image })),
  );
  const ofServices = services.flatMap(({ name, ports }) => {
    const one = containers.find(container => serviceOf(container) === name);
    return one === undefined ? [] : ports.map(port => ({ ...port, container: name, containerId: one.id, image: one.image }));
  });
  return [...ofContainers, ...ofServices].sort((one, other) => one.hostPort - other.hostPort);
}
