import type { JSX } from 'preact';
import type { ImageStep } from '../../core/docker/image-layers.ts';
import { formatBytes } from '../session/format.ts';
import type { ImageMaking } from '../session/machine/engine.ts';
import { othersWith, type BarScale } from './layer-bar.tsx';
import type { ImageNode } from './layer-sharing.ts';
import { imageName } from './object-name.ts';

interface LayerStepsProps {
  readonly id: string;
  readonly node: ImageNode;
  readonly making: ImageMaking | undefined;
  readonly makings: ReadonlyMap<string, ImageMaking>;
  readonly scale: BarScale;
}

/** How an image was made, in the order of its Dockerfile: first what it has from its base, then what it adds. */
export function LayerSteps({ id, node, making, makings, scale }: LayerStepsProps): JSX.Element {
  const name = imageName(node.image);
  const baseCount = making === undefined || node.base === undefined ? 0 : commonSteps(making, makings.get(node.base.image.id));
  const rows = (steps: readonly ImageStep[], start: number): JSX.Element => (
    <ol start={start + 1}>
      {steps.map((step, index) => (
        <StepRow key={index} step={step} node={node} making={making} scale={scale} />
      ))}
    </ol>
  );
  return (
    <div id={id} class="drawer steps" role="region" aria-label={`How ${name} was made`}>
      {making === undefined && <p class="quiet-text">Asking the engine…</p>}
      {making !== undefined && baseCount > 0 && node.base !== undefined && (
        <>
          <h3>From {imageName(node.base.image)}</h3>
          {rows(making.steps.slice(0, baseCount), 0)}
          <h3>Added by {name}</h3>
        </>
      )}
      {making !== undefined && rows(making.steps.slice(baseCount), baseCount)}
    </div>
  );
}

/** How many steps two images have in common from the first on. */
function commonSteps({ steps }: ImageMaking, base: ImageMaking | undefined): number {
  const differs = steps.findIndex((step, index) => {
    const other = base?.steps[index];
    return other?.instruction !== step.instruction || other.layer !== step.layer;
  });
  return differs === -1 ? steps.length : differs;
}

function StepRow(props: { step: ImageStep; node: ImageNode; making: ImageMaking | undefined; scale: BarScale }): JSX.Element {
  const { step, node, making, scale } = props;
  const key = step.layer === undefined ? undefined : node.layers[making?.layers.indexOf(step.layer) ?? -1]?.key;
  const others = key === undefined ? [] : othersWith(scale.sharing, key, node.image);
  const { pointed } = scale;
  return (
    <li
      class={key !== undefined && pointed.value === key ? 'pointed' : undefined}
      onPointerEnter={() => (pointed.value = key)}
      onPointerLeave={() => (pointed.value = undefined)}
    >
      <span class={`layer ${key === undefined ? 'none' : others.length > 0 ? 'shared' : 'own'}`} aria-hidden="true" />
      <span class="step-text">
        <code>{step.instruction}</code>
        {others.length > 0 && <span class="quiet-text"> shared with {others.join(', ')}</span>}
      </span>
      <span class="step-size">{step.layer === undefined ? 'no layer' : formatBytes(step.sizeBytes)}</span>
    </li>
  );
}
