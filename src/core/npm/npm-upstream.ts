import { INSTALL_FIELDS, type NpmManifest, type NpmPackage, type NpmVersion } from './npm-catalog.ts';
import { INSTALL_TYPE } from './packument.ts';
import { digestOfIntegrity } from '../base/file-digest.ts';
import { hostOf } from '../upstream/upstream-settings.ts';
import { foundIn, type UpstreamClient } from '../upstream/upstream-client.ts';
import { WebError } from '../upstream/web.ts';

/** A package as a registry describes it to who installs (`application/vnd.npm.install-v1+json`). */
interface Packument {
  readonly 'dist-tags'?: Readonly<Record<string, string>>;
  readonly versions?: Readonly<Record<string, PackumentVersion>>;
}

interface PackumentVersion extends NpmManifest {
  readonly dist?: { readonly tarball?: string; readonly integrity?: string; readonly shasum?: string };
}

/** An npm registry outside. */
export class NpmUpstream {
  readonly host: string;

  /** `address`: `https://registry.npmjs.org/`. */
  constructor(
    private readonly client: UpstreamClient,
    private readonly address: string,
    private readonly signal: AbortSignal,
  ) {
    this.host = hostOf(address);
  }

  /** A package with all its versions; undefined where the registry does not know it. Rejects with a WebError. */
  async package(name: string): Promise<NpmPackage | undefined> {
    const { client, signal } = this;
    const address = `${this.address}${name.replace('/', '%2f')}`;
    const what = `the list of ${name}`;
    const page = foundIn(await client.page({ address, accept: INSTALL_TYPE, what, signal }), this.host, what);
    return page && packageOf(name, page, this.host);
  }

  /** A version's tarball, checked. Throws a WebError. */
  tarball(file: string, { integrity, upstream }: NpmVersion): AsyncIterable<Uint8Array> {
    const digest = digestOfIntegrity(integrity);
    if (digest === undefined || upstream === undefined)
      throw new WebError('refused', `${this.host} gives no digest of ${file}: it cannot be checked.`);
    return this.client.file({ address: upstream, what: file, digest, signal: this.signal });
  }
}

function packageOf(name: string, page: Uint8Array, host: string): NpmPackage {
  let parsed: Packument;
  try {
    parsed = JSON.parse(new TextDecoder().decode(page)) as Packument;
  } catch (error) {
    throw new WebError('damaged', `${host} does not answer as an npm registry does.`, { cause: error });
  }
  const versions = Object.entries(parsed.versions ?? {}).flatMap(([version, one]) => versionOf(version, one));
  const tags = parsed['dist-tags'] ?? {};
  return { name, latest: tags['latest'] ?? versions.at(-1)?.version ?? '', tags, versions };
}

/** What npm needs to choose and to install; all else would only be read in the guest, slowly. */
function versionOf(version: string, { dist, ...all }: PackumentVersion): readonly NpmVersion[] {
  const integrity = dist?.integrity ?? (dist?.shasum === undefined ? undefined : `sha1-${base64OfHex(dist.shasum)}`);
  if (dist?.tarball === undefined || integrity === undefined) return [];
  const manifest = Object.fromEntries(INSTALL_FIELDS.flatMap(name => (all[name] === undefined ? [] : [[name, all[name]]]))) as NpmManifest;
  return [{ version, manifest, integrity, ...(dist.shasum !== undefined && { shasum: dist.shasum }), upstream: dist.tarball }];
}

function base64OfHex(hex: string): string {
  return btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))));
}
