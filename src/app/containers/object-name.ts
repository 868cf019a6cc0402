import type { ContainerSummary } from '../../core/docker/container-types.ts';
import type { ImageSummary } from '../../core/docker/image-types.ts';

const SHORT_ID_LENGTH = 12;

/** An id as `docker ps` and `docker images` show it. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, SHORT_ID_LENGTH);
}

/** What one calls a container in a command. */
export function containerName({ id, names }: Pick<ContainerSummary, 'id' | 'names'>): string {
  // Others are names that a link gave it.
  return names.find(name => !name.includes('/')) ?? shortId(id);
}

/** What one calls an image in a command. */
export function imageName({ id, tags }: Pick<ImageSummary, 'id' | 'tags'>): string {
  return tags[0] ?? shortId(id);
}
