import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ImageSummary } from '../../core/docker/image-types.ts';
import { formatBytes, formatDuration } from '../session/format.ts';
import { ActionButtons, ActionError, CommandButton, CommandLine, CommandMenu } from './action-buttons.tsx';
import type { ListProps } from './container-list.tsx';
import { imageCommands, imageRemoval, usersOf } from './image-actions.ts';
import { InspectView } from './json-view.tsx';
import { LayerBar, type BarScale } from './layer-bar.tsx';
import { LayerSteps } from './layer-steps.tsx';
import { shareLayers, type ImageNode } from './layer-sharing.ts';
import { imageName } from './object-name.ts';

/** The images as a tree: images built on an image are below it. */
export function ImageList(props: ListProps & { images: readonly ImageSummary[] }): JSX.Element {
  const { session, images } = props;
  const makings = session.engine.makings.value;
  const pointed = useMemo(() => signal<string | undefined>(undefined), []);
  const sharing = useMemo(() => shareLayers(images, makings), [images, makings]);
  if (images.length === 0) {
    return (
      <div class="empty">
        <p>No images. A container starts from an image: files, and the command to run.</p>
        <CommandLine session={session} command="docker pull busybox" />
      </div>
    );
  }
  const scale = { sharing, fullBytes: Math.max(1, ...images.map(({ sizeBytes }) => sizeBytes)) * 1.02, pointed };
  return (
    <>
      <p class="legend">
        <span class="layer shared" aria-hidden="true" /> layers shared with other images
        <span class="layer own" aria-hidden="true" /> layers of one image
        {sharing.unsharedBytes > sharing.storedBytes && (
          <span class="legend-sum">
            {formatBytes(sharing.storedBytes)} stored; without sharing it would be {formatBytes(sharing.unsharedBytes)}.
          </span>
        )}
      </p>
      <ImageTree {...props} nodes={sharing.roots} scale={scale} label="Images" />
    </>
  );
}

interface TreeProps extends ListProps {
  readonly scale: BarScale;
}

function ImageTree(props: TreeProps & { nodes: readonly ImageNode[]; label: string }): JSX.Element {
  return (
    <ul class="cards" aria-label={props.label}>
      {props.nodes.map(node => (
        <li key={node.image.id}>
          <ImageCard {...props} node={node} />
          {node.children.length > 0 && (
            <div class="built-on">
              <ImageTree {...props} nodes={node.children} label={`Built on ${imageName(node.image)}`} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function ImageCard(props: TreeProps & { node: ImageNode }): JSX.Element {
  const { session, actions, node, scale } = props;
  const { image } = node;
  const [drawer, setDrawer] = useState<'layers' | 'inspect' | undefined>(undefined);
  const name = imageName(image);
  const drawerId = `drawer-${image.id}`;
  const toggle = (kind: 'layers' | 'inspect'): void => setDrawer(drawer === kind ? undefined : kind);
  const common = { of: name, actions, controls: drawerId };
  const making = session.engine.makings.value.get(image.id);
  return (
    <div class="card">
      <div class="card-head">
        <strong class="card-name">{name}</strong>
        {image.tags.length === 0 && <span class="quiet-text">no name: a newer build has taken it</span>}
        <span class="card-size">{formatBytes(image.sizeBytes)}</span>
      </div>
      <ImageFacts {...props} />
      {making !== undefined && <LayerBar node={node} scale={scale} />}
      <div class="card-buttons">
        <CommandButton
          {...common}
          label="Layers"
          command={`docker history ${name}`}
          isExpanded={drawer === 'layers'}
          onClick={() => toggle('layers')}
        />
        <CommandButton
          {...common}
          label="Inspect"
          command={`docker image inspect ${name}`}
          isExpanded={drawer === 'inspect'}
          onClick={() => toggle('inspect')}
        />
        <ActionButtons id={image.id} of={name} list={[imageRemoval(image, image.tags[0], () => session.engine.client)]} actions={actions} />
        <CommandMenu session={session} of={name} commands={imageCommands(image)} />
      </div>
      <ActionError id={image.id} actions={actions} />
      {drawer === 'layers' && <LayerSteps id={drawerId} node={node} making={making} scale={scale} makings={session.engine.makings.value} />}
      {drawer === 'inspect' && <InspectView id={drawerId} session={session} kind="image" name={image.id} of={name} />}
    </div>
  );
}

/** What an image has that its base has not. */
function addedBytes({ layers }: ImageNode, base: NonNullable<ImageNode['base']>): number {
  return layers.slice(base.layerCount).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function ImageFacts({ session, node, now }: TreeProps & { node: ImageNode }): JSX.Element {
  const { image, base, layers } = node;
  const users = usersOf(image, session.engine.containers.value ?? []);
  const facts = [
    ...(image.tags.length > 1 ? [`also ${image.tags.slice(1).join(', ')}`] : []),
    ...(base === undefined || layers.length === 0 ? [] : [`built on ${imageName(base.image)}, adds ${formatBytes(addedBytes(node, base))}`]),
    `made ${formatDuration(now - image.createdMilliseconds)} ago`,
    ...(users.length === 0 ? [] : [`${users.length} ${users.length === 1 ? 'container' : 'containers'}`]),
  ];
  return <p class="card-state">{facts.join(' · ')}</p>;
}
