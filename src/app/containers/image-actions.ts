import type { ContainerSummary } from '../../core/docker/container-types.ts';
import type { DockerClient } from '../../core/docker/docker-client.ts';
import type { ImageSummary } from '../../core/docker/image-types.ts';
import { imageName } from './object-name.ts';
import type { PaneAction } from './pane-actions.ts';

/** Removes an image, or of one with several names the given one. */
export function imageRemoval(image: ImageSummary, tag: string | undefined, client: () => DockerClient): PaneAction {
  const name = tag ?? imageName(image);
  const action: PaneAction = {
    label: image.tags.length > 1 ? 'Remove name' : 'Remove',
    command: `docker rmi ${name}`,
    run: () => client().remove('image', tag ?? image.id, false),
  };
  // It keeps its other names, so nothing is lost.
  if (image.tags.length > 1) return action;
  return {
    ...action,
    question: {
      title: `Remove ${name}?`,
      text: 'To get it back, you must pull or build it again. Layers that other images use stay.',
      confirm: 'Remove',
      isDangerous: true,
    },
  };
}

/** Commands about an image, to be put at the prompt. */
export function imageCommands(image: ImageSummary): readonly string[] {
  const name = imageName(image);
  return [
    `docker run --rm -it ${name}`,
    `docker run -d ${name}`,
    `docker history ${name}`,
    `docker image inspect ${name}`,
    `docker tag ${name} localhost:5000/student/${lastPart(name)}`,
    `docker rmi ${name}`,
  ];
}

/** `hello:v1` of `student/hello:v1`. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The containers of an image: it cannot be removed while they are there. */
export function usersOf(image: ImageSummary, containers: readonly ContainerSummary[]): readonly ContainerSummary[] {
  return containers.filter(({ imageId }) => imageId === image.id);
}
