import { gunzipped } from '../base/gzip.ts';
import { foundIn, type UpstreamClient } from '../upstream/upstream-client.ts';
import { hostOf } from '../upstream/upstream-settings.ts';
import { WebError } from '../upstream/web.ts';
import { DebianList, type DebianFile } from './debian-list.ts';
import { signedText } from './openpgp-signature.ts';

/** Where a release has its list of packages, and what that must be. */
interface ListPlace {
  /** To be asked in this order. */
  readonly paths: readonly string[];
  readonly sha256: string;
}

/** A mirror of Debian. Its release is trusted, because the people who run the site chose the mirror; what the release names is checked. */
export class DebianUpstream {
  readonly host: string;
  /** By the code name of the suite, with the digest of what it was read from. */
  readonly #lists = new Map<string, { readonly sha256: string; readonly list: Promise<DebianList> }>();

  /** `address` is that of the folder that has `dists/` and `pool/`. */
  constructor(
    private readonly client: UpstreamClient,
    private readonly address: string,
    private readonly signal: AbortSignal,
  ) {
    this.host = hostOf(address);
  }

  /** All packages of a suite, by its code name; undefined where the mirror does not have it. Rejects with a WebError. */
  async list(codename: string): Promise<DebianList | undefined> {
    const place = await this.#placeOf(codename);
    if (place === undefined) return undefined;
    const known = this.#lists.get(codename);
    if (known?.sha256 === place.sha256) return known.list;
    const list = this.#read(codename, place);
    this.#lists.set(codename, { sha256: place.sha256, list });
    list.catch(() => this.#lists.get(codename)?.list === list && this.#lists.delete(codename));
    return list;
  }

  /** A package's file, checked. Throws a WebError. */
  file({ filename, sha256 }: DebianFile): AsyncIterable<Uint8Array> {
    const what = filename.slice(filename.lastIndexOf('/') + 1);
    return this.client.file({ address: this.#addressOf(filename), what, digest: { algorithm: 'sha256', hex: sha256 }, signal: this.signal });
  }

  async #placeOf(codename: string): Promise<ListPlace | undefined> {
    for (const name of ['InRelease', 'Release']) {
      const path = `dists/${codename}/${name}`;
      const page = await this.client.page({ address: this.#addressOf(path), what: `the release of ${codename}`, signal: this.signal });
      const bytes = foundIn(page, this.host, path);
      if (bytes === undefined) continue;
      const text = new TextDecoder().decode(bytes);
      const place = placeIn(signedText(text) ?? text, codename);
      if (place === undefined) throw new WebError('damaged', `${this.host} has a ${codename} without a list of packages for i386.`);
      return place;
    }
    return undefined;
  }

  async #read(codename: string, { paths, sha256 }: ListPlace): Promise<DebianList> {
    const what = `the list of packages of ${codename}`;
    const digest = { algorithm: 'sha256', hex: sha256 } as const;
    for (const [index, path] of paths.entries()) {
      try {
        return await DebianList.read(gunzipped(this.client.file({ address: this.#addressOf(path), what, digest, signal: this.signal })));
      } catch (error) {
        const isElsewhere = error instanceof WebError && error.kind === 'refused' && index + 1 < paths.length;
        if (isElsewhere) continue;
        if (error instanceof WebError || this.signal.aborted) throw error;
        throw new WebError('damaged', `${what} from ${this.host} could not be unpacked.`, { cause: error });
      }
    }
    throw new WebError('refused', `${this.host} has no ${what}.`);
  }

  /** Segment by segment, as versions have plus signs and tildes. */
  #addressOf(path: string): string {
    return this.address + path.split('/').map(encodeURIComponent).join('/');
  }
}

/** A mirror that has lists under their digests too keeps old ones for a while: asked so, it gives no newer one than its release names. */
function placeIn(release: string, codename: string): ListPlace | undefined {
  const folder = 'main/binary-i386';
  const sha256 = new RegExp(`^SHA256:\\n(?: .*\\n)*? ([0-9a-f]{64}) +\\d+ ${folder}/Packages\\.gz$`, 'm').exec(release)?.[1];
  if (sha256 === undefined) return undefined;
  const files = [...(/^Acquire-By-Hash: yes$/m.test(release) ? [`by-hash/SHA256/${sha256}`] : []), 'Packages.gz'];
  return { paths: files.map(file => `dists/${codename}/${folder}/${file}`), sha256 };
}
