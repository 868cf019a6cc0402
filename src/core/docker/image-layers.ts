import type { HistoryStep, ImageDetails } from './image-types.ts';

/** A step of an image's making, with the layer it made if it made one. */
export interface ImageStep {
  /** The instruction as in a Dockerfile, as far as the builder noted it: `RUN pip install flask`. */
  readonly instruction: string;
  readonly sizeBytes: number;
  /** Since 1970; 0 where nobody noted it. */
  readonly createdMilliseconds: number;
  /** The digest of the layer's content; undefined for a step that changed no file. */
  readonly layer: string | undefined;
}

/** Instructions that change how a container starts, and no file. */
const WITHOUT_LAYER = /^(ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;
const DIGEST = /\b(file|dir|multi):[0-9a-f]{64}\b/g;

/**
 * The steps of an image, the first one first. The engine tells steps and layers apart, without saying which step made which layer: steps that
 * can have made none are passed over, of the others the empty ones first. Where the numbers still do not fit, no step is given a layer.
 */
export function stepsOf({ layers }: Pick<ImageDetails, 'layers'>, history: readonly HistoryStep[]): readonly ImageStep[] {
  const steps = [...history].reverse().map(({ createdBy, sizeBytes, createdMilliseconds }) => ({
    instruction: instructionOf(createdBy),
    sizeBytes,
    createdMilliseconds,
  }));
  const makers = steps.filter(({ instruction, sizeBytes }) => sizeBytes > 0 || !WITHOUT_LAYER.test(instruction));
  for (let index = makers.length - 1; index >= 0 && makers.length > layers.length; index--) {
    if (makers[index]!.sizeBytes === 0) makers.splice(index, 1);
  }
  const fits = makers.length === layers.length;
  return steps.map(step => ({ ...step, layer: fits ? layers[makers.indexOf(step)] : undefined }));
}

/** What the builder notes (`/bin/sh -c #(nop) ENV A=1`), as one would write it. */
function instructionOf(createdBy: string): string {
  const noted = createdBy
    .replace(/\s+# buildkit$/, '')
    .replace(DIGEST, '$1')
    .trim();
  const shell = /^(?:\/bin\/sh -c|\|\d+ .*? \/bin\/sh -c) (#\(nop\)\s*)?([^]*)$/.exec(noted);
  if (shell === null) return noted.replace(/^RUN \/bin\/sh -c /, 'RUN ');
  return shell[1] === undefined ? `RUN ${shell[2]}` : shell[2]!;
}
