import { familiarName, type HubCatalog, type HubLayer } from './hub-catalog.ts';
import { standInOf, type HubDocument, type HubRepository } from './hub-content.ts';
import { mayStandIn, type NearestImage } from './nearest-image.ts';

/** Labels of an image that answers to another's name: what was asked for, what it is, and why it may. */
export const STAND_IN_LABELS = { asked: 'dev.drydock.stand-in.asked', is: 'dev.drydock.stand-in.is', why: 'dev.drydock.stand-in.why' } as const;

/** The images that were given instead of others. They are kept under the names asked for, because the engine asks for their parts by these names. */
export class StandIns {
  readonly #repositories = new Map<string, HubRepository[]>();

  /** Makes the nearest image answer to the name asked for; undefined where none may. The same image and name give the same digests each time. */
  async make(name: string, nearest: NearestImage, { images }: HubCatalog): Promise<HubDocument | undefined> {
    const { reference, asked, why } = nearest;
    if (reference === undefined || !mayStandIn(nearest)) return undefined;
    const image = images.find(one => one.tags.some(tag => `${familiarName(one)}:${tag}` === reference));
    if (image === undefined) return undefined;
    const labels = {
      [STAND_IN_LABELS.asked]: asked,
      [STAND_IN_LABELS.is]: reference,
      [STAND_IN_LABELS.why]: why ?? 'the same image in another version or variant',
    };
    const { manifest, repository } = await standInOf(image, name, labels);
    const known = this.#repositories.get(name) ?? [];
    if (!known.some(one => one.manifests.has(manifest.digest))) this.#repositories.set(name, [...known, repository]);
    return manifest;
  }

  /** By digest alone: what a tag stands for is decided anew each time. */
  manifest(name: string, digest: string): HubDocument | undefined {
    return this.#repositories
      .get(name)
      ?.find(one => one.manifests.has(digest))
      ?.manifests.get(digest);
  }

  blob(name: string, digest: string): HubDocument | HubLayer | undefined {
    return this.#repositories
      .get(name)
      ?.find(one => one.blobs.has(digest))
      ?.blobs.get(digest);
  }
}
