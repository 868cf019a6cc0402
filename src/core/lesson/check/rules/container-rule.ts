import type { ContainerSummary } from '../../../docker/container-types.ts';
import type { CheckProbe } from '../check-probe.ts';
import type { CheckOf } from '../check-schema.ts';
import { isSameImage } from '../image-names.ts';
import { allWanted, code, excerpt, listed, similar, wanted } from '../phrases.ts';
import { patternList } from '../text-pattern.ts';
import { wrongVariable } from './environment.ts';
import type { CheckRule, Failure } from './rule.ts';

type ContainerCheck = CheckOf<'container'>;

export const containerRule: CheckRule<'container'> = {
  triggers: ['engine', 'logs'],

  describe(check) {
    const subject = subjectOf(check);
    if (check.exists === false) return `There is no ${subject}`;
    const parts = [
      ...(check.state === undefined ? [] : [stateInWords[check.state]]),
      ...(check.exitCode === undefined ? [] : [`ended with exit code ${check.exitCode}`]),
      ...(check.publishes === undefined ? [] : [`is published at port ${check.publishes}`]),
      ...(check.network === undefined ? [] : [`is on the network ${code(check.network)}`]),
      ...(check.volume === undefined ? [] : [`uses the volume ${code(check.volume)}`]),
      ...(check.environment ? [`was given ${listed(Object.keys(check.environment))}`] : []),
      ...(check.logs === undefined ? [] : [`has written ${allWanted(patternList(check.logs))}`]),
    ];
    return parts.length === 0 ? `There is a ${subject}` : `A ${subject} ${parts.join(' and ')}`;
  },

  async judge(check, probe) {
    const containers = await probe.containers();
    const candidates = containers
      .filter(container => isMeant(check, container))
      .sort((one, other) => other.createdMilliseconds - one.createdMilliseconds);
    const [newest] = candidates;
    if (check.exists === false) return newest && stillThere(check, newest);
    if (!newest) return missingContainer(check, containers);
    // Any of an image's containers may be the right one; where none is, the newest is what the learner has just tried.
    let failure: Failure | undefined;
    for (const container of candidates) {
      const wrong = await wrongContainer(check, container, probe);
      if (!wrong) return undefined;
      failure ??= wrong;
    }
    return failure;
  },
};

const stateInWords = { created: 'was made and not started', running: 'runs', paused: 'is paused', exited: 'has ended' } as const;

const stateHints = {
  created: '`docker create` makes a container without starting it.',
  running: '`docker ps -a` shows how it ended, `docker logs NAME` what it wrote, and `docker start NAME` starts it again.',
  paused: '`docker pause NAME` stops its processes for a while.',
  exited: '`docker stop NAME` ends it.',
} as const;

function subjectOf({ container }: ContainerCheck): string {
  return typeof container === 'string' ? `container ${code(container)}` : `container of the image ${code(container.image)}`;
}

function isMeant({ container }: ContainerCheck, { names, image, id }: ContainerSummary): boolean {
  if (typeof container !== 'string') return isSameImage(container.image, image);
  return names.includes(container) || (/^[0-9a-f]{12,}$/.test(container) && id.startsWith(container));
}

function nameOf(container: ContainerSummary): string {
  return container.names[0] ?? container.id.slice(0, 12);
}

function stillThere(check: ContainerCheck, container: ContainerSummary): Failure {
  const name = nameOf(container);
  const remedy = container.state === 'running' ? `docker rm -f ${name}` : `docker rm ${name}`;
  return { expected: `There is no ${subjectOf(check)}.`, found: `${code(name)} is there (${container.status}).`, hint: `Remove it: ${code(remedy)}` };
}

function missingContainer(check: ContainerCheck, containers: readonly ContainerSummary[]): Failure {
  const expected = `There is a ${subjectOf(check)}.`;
  if (containers.length === 0)
    return { expected, found: 'There are no containers.', hint: `${code('docker run')} makes one; ${code('--rm')} removes it when it ends.` };
  if (typeof check.container === 'string') {
    const names = containers.flatMap(container => container.names);
    const near = similar(check.container, names);
    const found =
      near.length > 0
        ? `There is no container of that name, but there is ${listed(near)}.`
        : `There is no container of that name. There are ${listed(names)}.`;
    return {
      expected,
      found,
      hint: `${code(`docker run --name ${check.container} …`)} gives a container its name. ${code('docker ps -a')} lists them all.`,
    };
  }
  const images = [...new Set(containers.map(container => container.image))];
  return {
    expected,
    found: `The existing containers were made from ${listed(images)}.`,
    hint: `${code(`docker run ${check.container.image}`)} makes one from it.`,
  };
}

async function wrongContainer(check: ContainerCheck, container: ContainerSummary, probe: CheckProbe): Promise<Failure | undefined> {
  const name = code(nameOf(container));
  return (
    wrongState(check, container, name) ??
    (await wrongExitCode(check, container, name, probe)) ??
    wrongPort(check, container, name) ??
    wrongNetwork(check, container, name) ??
    wrongVolume(check, container, name) ??
    (await wrongEnvironment(check, container, name, probe)) ??
    (await wrongLogs(check, container, name, probe))
  );
}

function wrongState({ state }: ContainerCheck, container: ContainerSummary, name: string): Failure | undefined {
  if (state === undefined || state === container.state) return undefined;
  return {
    expected: `The container ${name} ${stateInWords[state]}.`,
    found: `Its state is ${code(container.state)} (${container.status}).`,
    hint: stateHints[state].replace('NAME', nameOf(container)),
  };
}

async function wrongExitCode(
  { exitCode }: ContainerCheck,
  container: ContainerSummary,
  name: string,
  probe: CheckProbe,
): Promise<Failure | undefined> {
  if (exitCode === undefined) return undefined;
  const expected = `The container ${name} ended with exit code ${exitCode}.`;
  if (container.state === 'running' || container.state === 'created')
    return { expected, found: `It has not ended: its state is ${code(container.state)}.` };
  const details = await probe.containerDetails(container.id);
  if (details.exitCode === exitCode) return undefined;
  return {
    expected,
    found: `It ended with exit code ${details.exitCode}.${details.startError === '' ? '' : ` ${details.startError}`}`,
    hint: `${code(`docker logs ${nameOf(container)}`)} shows what it wrote.`,
  };
}

function wrongPort({ publishes }: ContainerCheck, container: ContainerSummary, name: string): Failure | undefined {
  if (publishes === undefined || container.ports.some(port => port.hostPort === publishes)) return undefined;
  const expected = `The container ${name} is published at port ${publishes}.`;
  const hint = `A container's ports are chosen when it is made: remove it, and write ${code(`-p ${publishes}:PORT`)} in ${code('docker run')}, with the container's own port after the colon.`;
  if (container.ports.length > 0)
    return {
      expected,
      found: `It is published at ${listed(container.ports.map(({ hostPort, containerPort }) => `${hostPort}:${containerPort}`))}.`,
      hint,
    };
  return {
    expected,
    found: container.state === 'running' ? 'It publishes no port.' : `It does not run (${container.status}), so no port leads to it.`,
    hint,
  };
}

function wrongNetwork({ network }: ContainerCheck, { networks }: ContainerSummary, name: string): Failure | undefined {
  if (network === undefined || networks.some(one => one.name === network)) return undefined;
  const found = networks.length === 0 ? 'It is on no network.' : `It is on ${listed(networks.map(one => one.name))}.`;
  return {
    expected: `The container ${name} is on the network ${code(network)}.`,
    found,
    hint: `Write ${code(`--network ${network}`)} in ${code('docker run')}, or join it later with ${code(`docker network connect ${network} NAME`)}.`,
  };
}

function wrongVolume({ volume }: ContainerCheck, { mounts }: ContainerSummary, name: string): Failure | undefined {
  if (volume === undefined || mounts.some(mount => mount.kind === 'volume' && mount.volume === volume)) return undefined;
  const found = mounts.length === 0 ? 'It uses no volume.' : `It uses ${listed(mounts.map(mount => mount.volume || mount.source))}.`;
  return {
    expected: `The container ${name} uses the volume ${code(volume)}.`,
    found,
    hint: `Write ${code(`-v ${volume}:/path/in/container`)} in ${code('docker run')}.`,
  };
}

async function wrongEnvironment(
  { environment }: ContainerCheck,
  container: ContainerSummary,
  name: string,
  probe: CheckProbe,
): Promise<Failure | undefined> {
  if (environment === undefined) return undefined;
  const wrong = wrongVariable(environment, (await probe.containerDetails(container.id)).environment);
  return (
    wrong && {
      expected: `The container ${name} was given the variable ${code(wrong.name)} with ${wrong.wanted}.`,
      found: wrong.value === undefined ? 'It was not given it.' : `It was given ${code(`${wrong.name}=${wrong.value}`)}.`,
      hint: `Variables are given when a container is made: remove it, and write ${code(`-e ${wrong.name}=…`)} in ${code('docker run')}, before the image.`,
    }
  );
}

async function wrongLogs({ logs }: ContainerCheck, container: ContainerSummary, name: string, probe: CheckProbe): Promise<Failure | undefined> {
  if (logs === undefined) return undefined;
  const written = await probe.containerLogs(container);
  const missing = patternList(logs).find(pattern => !pattern.matches(written));
  if (!missing) return undefined;
  const last = written.trim().split('\n').at(-1) ?? '';
  return {
    expected: `The container ${name} has written ${wanted(missing)}.`,
    found: last === '' ? 'It has written nothing.' : `The last thing it wrote is ${excerpt(last)}.`,
    hint: `${code(`docker logs ${nameOf(container)}`)} shows what it wrote.`,
  };
}
