import type { HistoryStep, ImageDetails, ImageSummary } from './image-types.ts';
import { listOf, numberOf, objectOf, partOf, textMapOf, textOf, textsOf } from './json-fields.ts';

const UNTAGGED = '<none>:<none>';

export function parseImages(value: unknown): readonly ImageSummary[] {
  return listOf(value, 'its images').map(item => {
    const image = objectOf(item, 'an image');
    return {
      id: textOf(image.Id),
      tags: textsOf(image.RepoTags).filter(tag => tag !== UNTAGGED),
      sizeBytes: numberOf(image.Size),
      createdMilliseconds: numberOf(image.Created) * 1000,
    };
  });
}

export function parseImageDetails(value: unknown): ImageDetails {
  const image = objectOf(value, 'an image');
  const config = partOf(image.Config);
  return {
    id: textOf(image.Id),
    layers: textsOf(partOf(image.RootFS).Layers),
    config: {
      entrypoint: textsOf(config.Entrypoint),
      command: textsOf(config.Cmd),
      environment: textsOf(config.Env),
      workingDirectory: textOf(config.WorkingDir),
      user: textOf(config.User),
      exposedPorts: Object.keys(partOf(config.ExposedPorts)),
      labels: textMapOf(config.Labels),
    },
  };
}

/** Newest first, as the engine gives them. */
export function parseHistory(value: unknown): readonly HistoryStep[] {
  return listOf(value, "an image's history").map(item => {
    const step = objectOf(item, "a step of an image's history");
    return {
      createdBy: textOf(step.CreatedBy),
      sizeBytes: numberOf(step.Size),
      createdMilliseconds: numberOf(step.Created) * 1000,
      comment: textOf(step.Comment),
    };
  });
}
