import { Emitter, type Unsubscribe } from '../base/events.ts';
import { messageOf, SandboxError, withTimeout } from '../base/errors.ts';
import { createDockerClient, type DockerClient } from '../docker/docker-client.ts';
import type { EngineEvent, EngineNews } from '../docker/engine-types.ts';
import { askEngine, path } from '../docker/engine-request.ts';
import { numberOf, objectOf, partOf, textOf, textsOf, type JsonObject } from '../docker/json-fields.ts';
import { ENGINE_SOCKET, type Sandbox } from '../protocol/sandbox.ts';
import { askForPage, firstAnswer } from './first-answer.ts';
import { BASE_IMAGE, CONTAINER_NAME, CONTAINER_PORT, IMAGE_NAME, type ContainerDisk, type ContainerSide, type HostFacts } from './lab-state.ts';
import { lookFromHost, parseSeenFromHost } from './look-around.ts';
import { PAGE_DOCKERFILE, PAGE_SCRIPT, type PageFacts } from './page.ts';
import { StopWatch } from './stop-watch.ts';

/** What the lab needs of the sandbox. */
export type LabHost = Pick<Sandbox, 'run' | 'dial' | 'onEngineNews'>;

const BUILD_MILLISECONDS = 120_000;
const RUN_MILLISECONDS = 120_000;
const LOOK_MILLISECONDS = 30_000;
/** How long the engine may take to tell that the container has ended. */
const END_MILLISECONDS = 60_000;

const RUN_COMMAND = `docker run -d --name ${CONTAINER_NAME} -p ${CONTAINER_PORT}:80 ${IMAGE_NAME}`;

const BUILD_COMMAND = `set -e
folder=$(mktemp -d)
cat > $folder/index.cgi <<'END-OF-SCRIPT'
${PAGE_SCRIPT}END-OF-SCRIPT
cat > $folder/Dockerfile <<'END-OF-DOCKERFILE'
${PAGE_DOCKERFILE}END-OF-DOCKERFILE
chmod 755 $folder/index.cgi
docker build -q -t ${IMAGE_NAME} $folder
rm -r $folder`;

/** The lab's container over its starts. It is one like any other: what the learner does to it by hand is heard of through the engine's events. */
export class ContainerControl {
  #side: ContainerSide = { phase: 'none', runs: [] };
  #hostFacts: HostFacts | undefined;
  readonly #change = new Emitter<void>();
  readonly onChange = this.#change.event;
  readonly #answered = new Emitter<void>();
  readonly onAnswered = this.#answered.event;
  readonly #ended = new Emitter<void>();
  readonly onEnded = this.#ended.event;
  readonly #host: LabHost;
  readonly #docker: DockerClient;
  readonly #unsubscribe: Unsubscribe;
  #abort = new AbortController();
  /** The container that `side` tells of. */
  #id = '';
  /** How many events there were about it. */
  #heard = 0;

  constructor(host: LabHost) {
    this.#host = host;
    this.#docker = createDockerClient(() => host.dial(ENGINE_SOCKET));
    this.#unsubscribe = host.onEngineNews(news => this.#hear(news));
  }

  get side(): ContainerSide {
    return this.#side;
  }

  get hostFacts(): HostFacts | undefined {
    return this.#hostFacts;
  }

  /** Runs the container anew and waits for the first answer of its page. */
  async start(): Promise<void> {
    this.#refuseWhileBusy();
    if (this.#side.phase === 'running') throw refused('The container is already running. Stop it first.');
    const abort = new AbortController();
    this.#abort = abort;
    this.#id = '';
    this.#set({ phase: 'preparing' }, 'problem', 'exitCode', 'page', 'facts');
    try {
      await this.#prepare();
      await this.#run(abort.signal);
      await this.measure();
    } catch (error) {
      if (isStarting(this.#side)) this.#set({ phase: 'none' });
      this.#set({ problem: messageOf(error) });
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#end(() => this.#docker.act('stop', this.#id));
  }

  /** Kills its process 1 from outside, as any process of the host. */
  kill(): Promise<void> {
    return this.#end(async () => void (await this.#command(`kill -9 ${await this.#hostPid()}`, LOOK_MILLISECONDS)));
  }

  /** Removes it, running or not. */
  async remove(): Promise<void> {
    this.#refuseWhileBusy();
    if (this.#side.phase === 'none') throw refused('There is no container to remove.');
    const wasRunning = this.#side.phase === 'running';
    await this.#docker.remove('container', CONTAINER_NAME, true);
    this.#takeRemoval(wasRunning);
  }

  /** Asks host and engine what there is, now. */
  async measure(): Promise<void> {
    const pid = this.#side.phase === 'running' ? await this.#hostPid() : undefined;
    const { host, ...seen } = parseSeenFromHost(await this.#command(lookFromHost(pid), LOOK_MILLISECONDS), pid);
    const disk = pid === undefined ? undefined : await this.#disk();
    this.#hostFacts = host;
    this.#set(disk !== undefined && this.#side.phase === 'running' ? { facts: { ...seen, disk } } : {});
  }

  /** Asks the host for the run of its kernel: it answers if it lives. */
  askHost(): Promise<string | undefined> {
    const asked = this.#command('cat /proc/sys/kernel/random/boot_id', LOOK_MILLISECONDS);
    return asked.then(text => text.trim()).catch(() => undefined);
  }

  /** Asks for the page once more; undefined where it does not answer. */
  async ask(): Promise<PageFacts | undefined> {
    return this.#side.phase === 'running' ? askForPage(() => this.#dial()).catch(() => undefined) : undefined;
  }

  /** Looks whether the container is there, for nobody has told: in the beginning, and after the engine was not heard for a while. */
  async look(): Promise<void> {
    const heard = this.#heard;
    if (isBusy(this.#side)) return;
    const details = await orNothing(() => this.#docker.containerDetails(CONTAINER_NAME));
    // What was heard meanwhile is newer than the answer.
    if (isBusy(this.#side) || heard !== this.#heard) return;
    if (details?.state === 'running' && this.#side.phase !== 'running') await this.#adopt(details.id);
    else if (details?.state !== 'running' && this.#side.phase === 'running') this.#takeEnd(details?.exitCode ?? 0);
    else if (details !== undefined && this.#side.phase === 'none') this.#set({ phase: 'exited', exitCode: details.exitCode });
  }

  /** Hears of nothing any more; the container stays. */
  dispose(): void {
    this.#unsubscribe();
    this.#abort.abort(new Error('the lab was closed'));
  }

  /** The image is built once, and what is left of an earlier run is removed: neither belongs to the time of a start. */
  async #prepare(): Promise<void> {
    const image = await orNothing(() => this.#docker.imageDetails(IMAGE_NAME));
    if (image === undefined) await this.#command(BUILD_COMMAND, BUILD_MILLISECONDS);
    await orNothing(() => this.#docker.remove('container', CONTAINER_NAME, true));
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#set({ phase: 'starting' });
    const watch = new StopWatch();
    const output = await this.#command(RUN_COMMAND, RUN_MILLISECONDS);
    this.#id = output.trim();
    watch.step('docker run comes back');
    const page = await firstAnswer(() => this.#dial(), signal);
    watch.step('the server answers');
    this.#set({ phase: 'running', page, runs: [...this.#side.runs, watch.run()] });
    this.#answered.emit();
  }

  async #end(act: () => Promise<void>): Promise<void> {
    this.#refuseWhileBusy();
    if (this.#side.phase !== 'running') throw refused('The container is not running. Start it first.');
    this.#set({ phase: 'stopping' }, 'problem');
    const ended = new Promise<void>(resolve => {
      const stop = this.onEnded(() => {
        stop();
        resolve();
      });
    });
    try {
      await act();
      await withTimeout(
        ended,
        END_MILLISECONDS,
        'The engine did not report within a minute that the container has ended. Check with "docker ps -a".',
      );
    } catch (error) {
      if (isBusy(this.#side)) this.#set({ phase: 'running' });
      this.#set({ problem: messageOf(error) });
      throw error;
    }
  }

  /** Somebody else started a container of this name: the lab shows it, but took no time. */
  async #adopt(id: string): Promise<void> {
    this.#id = id;
    this.#abort = new AbortController();
    this.#set({ phase: 'running' }, 'problem', 'exitCode', 'page', 'facts');
    try {
      const page = await firstAnswer(() => this.#dial(), this.#abort.signal);
      if (this.#id === id && this.#side.phase === 'running') this.#set({ page });
      await this.measure();
    } catch (error) {
      if (this.#id === id && this.#side.phase === 'running') this.#set({ problem: messageOf(error) });
    }
  }

  #hear(news: EngineNews): void {
    if (news.kind === 'watching') void this.look().catch(() => undefined);
    else if (news.event.type === 'container' && news.event.attributes['name'] === CONTAINER_NAME) this.#hearOf(news.event);
  }

  #hearOf({ action, id, attributes }: EngineEvent): void {
    this.#heard += 1;
    if (action === 'create' && this.#side.phase === 'starting') this.#id = id;
    else if (action === 'start' && !isBusy(this.#side) && this.#side.phase !== 'running') void this.#adopt(id);
    else if (id !== this.#id) return;
    else if (action === 'die') this.#takeEnd(Number(attributes['exitCode'] ?? 0));
    else if (action === 'destroy') this.#takeRemoval(false);
  }

  #takeEnd(exitCode: number): void {
    const { phase } = this.#side;
    if (phase === 'none' || phase === 'exited' || phase === 'preparing') return;
    this.#abort.abort(new Error('the container has ended'));
    this.#set({ phase: 'exited', exitCode });
    if (phase !== 'starting') this.#ended.emit();
  }

  #takeRemoval(wasRunning: boolean): void {
    if (isStarting(this.#side)) return;
    this.#abort.abort(new Error('the container was removed'));
    const isNews = wasRunning && this.#side.phase === 'running';
    this.#set({ phase: 'none' }, 'exitCode');
    if (isNews) this.#ended.emit();
  }

  /** The number that the host gives to its process 1. */
  async #hostPid(): Promise<number> {
    const state = partOf(objectOf(await this.#docker.inspect('container', this.#id), 'a container')['State']);
    const pid = numberOf(state['Pid']);
    if (pid === 0) throw refused('The container is no longer running.');
    return pid;
  }

  async #disk(): Promise<ContainerDisk> {
    const call = { method: 'GET', path: path`/containers/${this.#id}/json?size=true` } as const;
    const answer = await askEngine(() => this.#host.dial(ENGINE_SOCKET), call);
    const container = objectOf(await answer.json(), 'a container');
    // By its id: the learner may have started a container of this name from another image.
    const image = objectOf(await this.#docker.inspect('image', textOf(container['Image'])), 'an image');
    const base = objectOf((await orNothing(() => this.#docker.inspect('image', BASE_IMAGE))) ?? {}, 'an image');
    const layersOf = (of: JsonObject): string => textsOf(partOf(of['RootFS'])['Layers']).join(' ');
    const isShared = layersOf(base) !== '' && layersOf(image).startsWith(layersOf(base));
    const sharedBytes = isShared ? numberOf(base['Size']) : 0;
    return { sharedBytes, ownBytes: numberOf(image['Size']) - sharedBytes, writtenBytes: numberOf(container['SizeRw']) };
  }

  async #command(command: string, timeoutMilliseconds: number): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#host.run(command, { directory: '/', timeoutMilliseconds });
    if (exitCode === 0) return stdout;
    const said = (stderr + stdout).trim().split('\n').slice(-3).join(' ');
    throw new SandboxError('docker-refused', `A command of the lab failed in the sandbox (exit code ${exitCode}): ${said}`);
  }

  #dial(): ReturnType<LabHost['dial']> {
    return this.#host.dial(`:${CONTAINER_PORT}`);
  }

  #refuseWhileBusy(): void {
    if (isBusy(this.#side)) throw refused('The container is being started or stopped. Wait until that is done.');
  }

  #set(patch: Partial<ContainerSide>, ...forget: ('problem' | 'exitCode' | 'page' | 'facts')[]): void {
    const side: { -readonly [K in keyof ContainerSide]: ContainerSide[K] } = { ...this.#side };
    for (const field of forget) delete side[field];
    this.#side = { ...side, ...patch };
    this.#change.emit();
  }
}

function isStarting({ phase }: ContainerSide): boolean {
  return phase === 'preparing' || phase === 'starting';
}

function isBusy(side: ContainerSide): boolean {
  return isStarting(side) || side.phase === 'stopping';
}

function refused(message: string): SandboxError {
  return new SandboxError('docker-refused', message);
}

/** What the engine says, or undefined where it knows of no such thing. */
async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SandboxError && error.code === 'docker-refused') return undefined;
    throw error;
  }
}
