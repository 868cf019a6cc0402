import type { ContainerSummary } from '../../core/docker/container-types.ts';
import type { DockerClient } from '../../core/docker/docker-client.ts';
import { containerName } from './object-name.ts';
import type { PaneAction } from './pane-actions.ts';

/** What the buttons of a container do, in their order. */
export function containerActions(container: ContainerSummary, client: () => DockerClient): readonly PaneAction[] {
  const name = containerName(container);
  const act = (label: string, action: 'start' | 'stop' | 'unpause'): PaneAction => ({
    label,
    command: `docker ${action} ${name}`,
    run: () => client().act(action, container.id),
  });
  const remove = removal(container, name, client);
  if (container.state === 'running' || container.state === 'restarting') return [act('Stop', 'stop'), remove];
  if (container.state === 'paused') return [act('Unpause', 'unpause'), remove];
  return [act('Start', 'start'), remove];
}

function removal(container: ContainerSummary, name: string, client: () => DockerClient): PaneAction {
  const isStopped = container.state === 'created' || container.state === 'exited' || container.state === 'dead';
  const action: PaneAction = {
    label: 'Remove',
    command: isStopped ? `docker rm ${name}` : `docker rm -f ${name}`,
    run: () => client().remove('container', container.id, !isStopped),
  };
  // One that never ran has written nothing.
  if (container.state === 'created') return action;
  const loss = 'Its output and the files it wrote are lost, except those in volumes and in /workspace.';
  return {
    ...action,
    question: {
      title: `Remove ${name}?`,
      text: isStopped ? loss : `It is running and will be killed. ${loss}`,
      confirm: 'Remove',
      isDangerous: true,
    },
  };
}

/** Commands about a container, to be put at the prompt. */
export function containerCommands(container: ContainerSummary): readonly string[] {
  const name = containerName(container);
  const always = [`docker logs ${name}`, `docker inspect ${name}`, `docker diff ${name}`];
  if (container.state === 'running') {
    return [
      `docker stop ${name}`,
      `docker restart ${name}`,
      `docker kill ${name}`,
      `docker exec -it ${name} sh`,
      `docker logs -f ${name}`,
      `docker top ${name}`,
      `docker stats ${name}`,
      `docker inspect ${name}`,
      `docker rm -f ${name}`,
    ];
  }
  if (container.state === 'paused') return [`docker unpause ${name}`, ...always, `docker rm -f ${name}`];
  return [`docker start ${name}`, `docker start -a ${name}`, ...always, `docker rm ${name}`];
}
