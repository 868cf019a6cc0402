import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { formatBytes } from '../session/format.ts';
import type { ImageNode, LayerSharing } from './layer-sharing.ts';
import { imageName } from './object-name.ts';

/** What all bars of the pane have in common. */
export interface BarScale {
  readonly sharing: LayerSharing;
  /** The size that a whole bar represents, so that a layer has the same length wherever it is drawn. */
  readonly fullBytes: number;
  /** The key of the layer that is pointed at, lit up in every image that has it. */
  readonly pointed: Signal<string | undefined>;
}

/** The other images that have a layer of an image. */
export function othersWith({ owners }: LayerSharing, key: string, image: ImageNode['image']): readonly string[] {
  return (owners.get(key) ?? []).filter(owner => owner.id !== image.id).map(imageName);
}

/** An image's layers side by side, the lowest at the left, each as long as it is large. Layers that images share are drawn one below the other. */
export function LayerBar({ node, scale }: { node: ImageNode; scale: BarScale }): JSX.Element {
  const { sharing, fullBytes, pointed } = scale;
  return (
    <div class="layer-bar" role="img" aria-label={describe(node, sharing)}>
      {node.layers.map(({ key, sizeBytes }) => {
        const others = othersWith(sharing, key, node.image);
        return (
          <span
            key={key}
            class={`layer ${others.length > 0 ? 'shared' : 'own'} ${pointed.value === key ? 'pointed' : ''}`}
            style={{ width: `${(sizeBytes / fullBytes) * 100}%` }}
            title={`${formatBytes(sizeBytes)}, ${others.length > 0 ? `shared with ${others.join(', ')}` : 'only in this image'}`}
            onPointerEnter={() => (pointed.value = key)}
            onPointerLeave={() => (pointed.value = undefined)}
          />
        );
      })}
    </div>
  );
}

/** How much of an image is shared, and how much its own, in bytes. */
function split({ image, layers }: ImageNode, sharing: LayerSharing): { readonly shared: number; readonly own: number } {
  let [shared, own] = [0, 0];
  for (const { key, sizeBytes } of layers) {
    if (othersWith(sharing, key, image).length > 0) shared += sizeBytes;
    else own += sizeBytes;
  }
  return { shared, own };
}

function describe(node: ImageNode, sharing: LayerSharing): string {
  const { shared, own } = split(node, sharing);
  const count = node.layers.length === 1 ? '1 layer' : `${node.layers.length} layers`;
  return `${count}: ${formatBytes(shared)} shared with other images, ${formatBytes(own)} of its own`;
}
