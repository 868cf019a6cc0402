import { lockedPackage, lockedSet, type DebianLock } from '../debian-lock.ts';

/** Part of an image's configuration (OCI image specification, config.md). */
export interface ImageConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

/** A layer as a tar file. */
export interface LayerFile {
  readonly file: string;
  /** What `docker history` shows. */
  readonly comment: string;
}

/** An image to be. */
export interface ImageRecipe {
  /** Docker Hub's name of it in full: `library/python`. */
  readonly repository: string;
  /** The first is the one to show. */
  readonly tags: readonly string[];
  /** One sentence in plain words. */
  readonly description: string;
  /** Lowest first. */
  readonly layers: readonly LayerFile[];
  readonly config: ImageConfig;
}

/** Every image says it was made at this moment, so that the same recipe gives the same digest. */
const CREATED = '2026-11-01T00:00:00Z';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the configuration says in the words of a Dockerfile, for `docker history`. */
function instructionsOf({ ExposedPorts, Volumes, Entrypoint, Cmd }: ImageConfig): string[] {
  return [
    ...Object.keys(ExposedPorts ?? {}).map(port => `EXPOSE ${port}`),
    ...Object.keys(Volumes ?? {}).map(path => `VOLUME ${path}`),
    ...(Entrypoint ? [`ENTRYPOINT ${JSON.stringify(Entrypoint)}`] : []),
    ...(Cmd ? [`CMD ${JSON.stringify(Cmd)}`] : []),
  ];
}

/** An image's configuration as JSON, exactly as its digest is taken. `diffIds` are the digests of its layers. */
export function configOf(recipe: Pick<ImageRecipe, 'layers' | 'config'>, diffIds: readonly string[]): string {
  return JSON.stringify({
    architecture: '386',
    os: 'linux',
    created: CREATED,
    config: { ...recipe.config, Env: [PATH, ...(recipe.config.Env ?? [])] },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [
      ...recipe.layers.map(layer => ({ created: CREATED, created_by: layer.comment })),
      ...instructionsOf(recipe.config).map(text => ({ created: CREATED, created_by: text, empty_layer: true })),
    ],
  });
}

/** A package of the lock: the set it is pinned in, and its name. */
type PinnedPackage = readonly [set: string, name: string];

/** All packages of some sets. */
export function packagesOf(lock: DebianLock, ...sets: readonly string[]): PinnedPackage[] {
  return sets.flatMap(set => lockedSet(lock, set).packages.map((name): PinnedPackage => [set, name]));
}

/** Labels that say what an image is made of: `packages` are the Debian packages inside. They are of one suite. */
export function labelsOf(lock: DebianLock, packages: readonly PinnedPackage[]): Record<string, string> {
  const [first] = packages;
  return {
    'org.opencontainers.image.vendor': 'Drydock (made from Debian packages, not the official image of this name)',
    ...(first && { 'org.opencontainers.image.base.name': `Debian ${lockedSet(lock, first[0]).suite} ${lock.architecture}` }),
    'dev.drydock.debian-packages': packages.map(([set, name]) => `${name}=${lockedPackage(lock, set, name).version}`).join(' '),
  };
}
