import { editDistance } from '../base/edit-distance.ts';
import { parseAskedImage, writeAskedImage, type AskedImage } from './asked-image.ts';
import { KINSHIP, MACHINES, OTHER_NAMES, PUBLISHERS, TAGS_APART, type Kin } from './image-kinship.ts';
import { chosenTags, isOtherRole, rankTags } from './image-tags.ts';

/** An image as the hub has it; several may have one name. */
export interface NamedImage {
  /** As typed after `docker pull`: `redis`, `traefik/whoami`. */
  readonly name: string;
  readonly tags: readonly string[];
}

/** What the hub has for a name that somebody wrote. */
export interface NearestImage {
  /**
   * `here`: the very image. `other-tag`: the same image in another version or variant. `same-kind`: another image that does the same.
   * `something-else`: only a hint. `none`: nothing is near. Only `other-tag` and `same-kind` may be given instead of what was asked for.
   */
  readonly kind: 'here' | 'other-tag' | 'same-kind' | 'something-else' | 'none';
  /** What was asked for, in the shortest form. */
  readonly asked: string;
  /** What to write instead; undefined where nothing is near. */
  readonly reference: string | undefined;
  /** More tags of the same image, the best first; few. */
  readonly others: readonly string[];
  /** One sentence in plain words and ASCII that says what to do, to be read after "there is no X here". Empty for `here`. */
  readonly advice: string;
  /** Why the other image fits, or does not; undefined where it is the same one. */
  readonly why: string | undefined;
  /** What a build that installs packages takes instead, where that is another image. */
  readonly forPackages?: { readonly reference: string; readonly advice: string };
}

/** Whether the nearest image may be given instead of the one that was asked for. */
export function mayStandIn({ kind }: NearestImage): boolean {
  return kind === 'other-tag' || kind === 'same-kind';
}

const MOST_TAGS = 4;
const NOTHING_LIKE_IT = 'it is not among the images of this sandbox, and nothing here is like it';

/** Finds the nearest image of a hub to whatever a learner wrote. */
export function nearestImage(written: string, images: readonly NamedImage[]): NearestImage {
  const asked = parseAskedImage(written);
  if (asked === undefined) {
    return none(written.trim(), 'it is not the name of an image: those look like python:3.13-slim, in small letters and without spaces');
  }
  const hub = new HubNames(images);
  const short = writeAskedImage(asked);
  if (asked.registry !== undefined) return fromElsewhere(asked, asked.registry, hub);
  if (hub.has(asked.name)) return ofThatName(asked, hub);
  const machine = MACHINES.exec(asked.name)?.[0];
  if (machine !== undefined) {
    const inner = { ...asked, name: asked.name.slice(machine.length) };
    return ofSameImage(short, inner, 'it is the same image, made for this machine, a 32-bit PC', hub);
  }
  return byTable(short, asked.name, asked.tag, hub) ?? byAnyName(short, asked, hub);
}

/** The hub's tags by name. */
export class HubNames {
  readonly #tags = new Map<string, string[]>();

  constructor(images: readonly NamedImage[]) {
    for (const { name, tags } of images) this.#tags.set(name, [...(this.#tags.get(name) ?? []), ...tags]);
  }

  has(name: string): boolean {
    return this.#tags.has(name);
  }

  tagsOf(name: string): readonly string[] {
    return this.#tags.get(name) ?? [];
  }

  get names(): readonly string[] {
    return [...this.#tags.keys()];
  }

  /** The tags of an image that are worth showing, nearest first. */
  nearest(name: string, tag: string | undefined): readonly string[] {
    const tags = this.tagsOf(name);
    return chosenTags(name, rankTags(name, tag, tags), MOST_TAGS).map(one => `${name}:${one}`);
  }
}

/** Groups `name:tag` by name. */
export function imagesOfReferences(references: readonly string[]): readonly NamedImage[] {
  return references.map(reference => {
    const colon = reference.lastIndexOf(':');
    return { name: reference.slice(0, colon), tags: [reference.slice(colon + 1)] };
  });
}

function ofThatName(asked: AskedImage, hub: HubNames): NearestImage {
  const { name, tag, digest } = asked;
  const short = writeAskedImage(asked);
  if (digest === undefined && hub.tagsOf(name).includes(tag ?? 'latest')) {
    return { kind: 'here', asked: short, reference: short, others: [], advice: '', why: undefined };
  }
  const [reference = name, ...others] = hub.nearest(name, tag);
  const apart = TAGS_APART.find(one => one.name === name && one.tag.test(tag ?? ''));
  if (apart !== undefined) return hint('something-else', short, reference, others, apart.why);
  if (isOtherRole(name, tag, reference.slice(name.length + 1))) {
    return hint('something-else', short, reference, others, `that variant of ${name} is not here, and this one is for something else`);
  }
  if (digest !== undefined) return hint('something-else', short, reference, others, 'a digest names one exact image, and that one is not here');
  const more = others.length === 0 ? '' : ` There ${others.length === 1 ? 'is' : 'are'} also ${others.join(', ')}.`;
  return { kind: 'other-tag', asked: short, reference, others, advice: `use ${reference}.${more}`, why: undefined };
}

function fromElsewhere(asked: AskedImage, registry: string, hub: HubNames): NearestImage {
  const short = writeAskedImage(asked);
  // `registry:5000` may be a container of the learner's own.
  if (isOwnRegistry(registry)) {
    return none(short, `${registry} would be a registry of your own: start one, and the image is there once you have pushed it`);
  }
  const official = officialName(registry, asked.name);
  if (official !== undefined) return ofSameImage(short, { ...asked, name: official }, 'it is the same image under its own name', hub);
  return byTable(short, asked.name, asked.tag, hub) ?? byAnyName(short, asked, hub);
}

/** The name of an official image at one of the registries that pass them on. */
function officialName(registry: string, name: string): string | undefined {
  if (registry === 'mirror.gcr.io') return name;
  return registry === 'public.ecr.aws' && name.startsWith('docker/library/') ? name.slice('docker/library/'.length) : undefined;
}

/** Whether a registry's host can be one that the learner started. */
export function isOwnRegistry(registry: string): boolean {
  return !registry.includes('.') || /^(?:127\.|10\.|172\.|192\.168\.)/.test(registry);
}

/** The same image by another address. */
function ofSameImage(short: string, inner: AskedImage, why: string, hub: HubNames): NearestImage {
  const { name, tag } = inner;
  const found = hub.has(name) ? ofThatName({ ...inner, registry: undefined, digest: undefined }, hub) : byTable(short, name, tag, hub);
  if (found?.reference === undefined) return found ?? none(short, NOTHING_LIKE_IT);
  if (found.kind === 'something-else') return { ...found, asked: short };
  return hint('same-kind', short, found.kind === 'here' ? `${name}:${tag ?? 'latest'}` : found.reference, found.others, found.why ?? why);
}

function byTable(short: string, name: string, tag: string | undefined, hub: HubNames): NearestImage | undefined {
  const kin = kinOf(name);
  if (kin === undefined) return undefined;
  const to = kin.to.find(one => hub.has(one));
  if (to === undefined) return none(short, kin.to.length === 0 ? kin.why : NOTHING_LIKE_IT);
  const [reference = to, ...others] = hub.nearest(to, kinTag(kin, tag));
  const found = hint(kin.kind, short, reference, others, kin.why);
  const { forPackages } = kin;
  const [base] = forPackages === undefined ? [] : hub.nearest(forPackages.to, 'slim');
  if (forPackages === undefined || base === undefined) return found;
  return { ...found, forPackages: { reference: base, advice: `use ${base}: ${forPackages.why}.` } };
}

function kinOf(name: string): Kin | undefined {
  // Some images have the system they are made on in their name.
  const plain = name.replace(/-debian\d+$/, '');
  if (Object.hasOwn(KINSHIP, plain)) return KINSHIP[plain];
  // People who write `prometheus` mean prom/prometheus.
  const full = plain.includes('/') ? undefined : Object.keys(KINSHIP).find(key => key.endsWith(`/${plain}`));
  return full === undefined ? undefined : KINSHIP[full];
}

function kinTag({ tags }: Kin, tag: string | undefined): string | undefined {
  if (tags === 'same') return tag;
  const [first = ''] = (tag ?? '').split('-');
  return tags !== undefined && Object.hasOwn(tags, first) ? tags[first] : undefined;
}

/** By the last part of its name, then by a slip of the finger. */
function byAnyName(short: string, { name, tag }: AskedImage, hub: HubNames): NearestImage {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const usual = Object.hasOwn(OTHER_NAMES, last) ? OTHER_NAMES[last]! : last;
  const [reference, ...others] = hub.has(usual) ? hub.nearest(usual, tag) : [];
  if (reference !== undefined) {
    const isPacked = PUBLISHERS.test(name);
    const why = isPacked ? 'it is the official image, with other paths and variables' : 'it is the official image, which may be another program';
    return hint('something-else', short, reference, others, why);
  }
  const found = usual === name ? undefined : byTable(short, usual, tag, hub);
  if (found !== undefined)
    return found.reference === undefined ? found : hint('something-else', short, found.reference, found.others, found.why ?? '');
  const meant = name.includes('/') ? undefined : spelledLike(name, hub);
  if (meant === undefined) return none(short, `${NOTHING_LIKE_IT}. If it is your own, build it first: docker build -t ${short} .`);
  const [right = meant, ...more] = hub.nearest(meant, tag);
  return { kind: 'something-else', asked: short, reference: right, others: more, advice: `did you mean ${right}?`, why: 'its name is spelled so' };
}

function spelledLike(name: string, hub: HubNames): string | undefined {
  const near = hub.names.map(known => ({ known, distance: editDistance(name, known) }));
  near.sort((one, other) => one.distance - other.distance);
  const [best] = near;
  return best !== undefined && name.length > 3 && best.distance <= (name.length < 7 ? 1 : 2) ? best.known : undefined;
}

function hint(kind: NearestImage['kind'], asked: string, reference: string, others: readonly string[], why: string): NearestImage {
  const verb = kind === 'same-kind' ? 'use' : 'the nearest is';
  return { kind, asked, reference, others, advice: `${verb} ${reference}: ${why}.`, why };
}

function none(asked: string, why: string): NearestImage {
  return { kind: 'none', asked, reference: undefined, others: [], advice: why.endsWith(' .') ? why : `${why}.`, why };
}
