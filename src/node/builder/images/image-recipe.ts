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
  readonly Healthcheck?: Readonly<Record<string, unknown>>;
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

/** The environment: of a variable that is there twice the last, and always a PATH. */
function environmentOf({ Env = [] }: ImageConfig): string[] {
  return [...new Map([PATH, ...Env].map(entry => [entry.slice(0, entry.indexOf('=')), entry])).values()];
}

/** An image's configuration as JSON, exactly as its digest is taken. `diffIds` are the digests of its layers. */
export function configOf(recipe: Pick<ImageRecipe, 'layers' | 'config'>, diffIds: readonly string[]): string {
  return JSON.stringify({
    architecture: '386',
    os: 'linux',
    created: CREATED,
    config: { ...recipe.config, Env: environmentOf(recipe.config) },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [
      ...recipe.layers.map(layer => ({ created: CREATED, created_by: layer.comment })),
      ...instructionsOf(recipe.config).map(text => ({ created: CREATED, created_by: text, empty_layer: true })),
    ],
  });
}

/** A package of the lock: the set it is pinned in, and its name. */
export type PinnedPackage = readonly [set: string, name: string];

/** All packages of some sets. */
export function packagesOf(lock: DebianLock, ...sets: readonly string[]): PinnedPackage[] {
  return sets.flatMap(set => lockedSet(lock, set).packages.map((name): PinnedPackage => [set, name]));
}

const VENDOR = 'org.opencontainers.image.vendor';
const BASE = 'org.opencontainers.image.base.name';
const PACKAGES = 'dev.drydock.debian-packages';

/**
 * Labels that say what an image is made of: `packages` are the Debian packages inside, of one suite. `below` are the labels of the image that it stands on.
 */
export function labelsOf(lock: DebianLock, packages: readonly PinnedPackage[], below: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [first] = packages;
  const base = below[BASE] ?? (first && `Debian ${lockedSet(lock, first[0]).suite} ${lock.architecture}`);
  const inside = packages.map(([set, name]) => `${name}=${lockedPackage(lock, set, name).version}`);
  return {
    [VENDOR]: 'Drydock (made from Debian packages, not the official image of this name)',
    ...(base !== undefined && { [BASE]: base }),
    [PACKAGES]: [...(below[PACKAGES]?.split(' ') ?? []), ...inside].join(' '),
  };
}
