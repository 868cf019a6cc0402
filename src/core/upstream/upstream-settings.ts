/** Where what the sandbox lacks may be fetched from: the site's `upstreams` in config.json. All addresses end with a slash. */
export interface UpstreamSettings {
  /** A Python package index (PEP 691); undefined where the site allows none. */
  readonly pypi: string | undefined;
  /** An npm registry. */
  readonly npm: string | undefined;
  /** A mirror of Debian: the folder that has `dists/` and `pool/`. */
  readonly debian: string | undefined;
  /** Registries that have the images of Docker Hub under their names there, as a pull-through cache has. They are asked in this order. */
  readonly registries: readonly string[];
}

/** What is allowed, and whether the learner wants it. Nothing goes out unless both are so. */
export interface UpstreamChoice {
  readonly settings: UpstreamSettings;
  readonly isOpen: boolean;
}

export const NO_UPSTREAMS: UpstreamSettings = { pypi: undefined, npm: undefined, debian: undefined, registries: [] };

/** Reads the site's settings; throws an Error that says what is wrong with them. */
export function parseUpstreams(value: unknown): UpstreamSettings {
  if (value === undefined || value === null) return NO_UPSTREAMS;
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Error('"upstreams" must be an object with "pypi", "npm", "debian" and "registries".');
  const { debian, npm, pypi, registries = [], ...others } = value as Record<string, unknown>;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw new Error(`"upstreams" has "${unknown}", which is unknown. It can have "pypi", "npm", "debian" and "registries".`);
  if (!Array.isArray(registries)) throw new Error('"registries" in "upstreams" must be a list of web addresses.');
  return {
    pypi: addressOf(pypi, 'pypi'),
    npm: addressOf(npm, 'npm'),
    debian: addressOf(debian, 'debian'),
    registries: registries.map(one => addressOf(one, 'registries')).filter(one => one !== undefined),
  };
}

/** Does it name anything to fetch from? */
export function hasUpstreams({ debian, npm, pypi, registries }: UpstreamSettings): boolean {
  return pypi !== undefined || npm !== undefined || debian !== undefined || registries.length > 0;
}

/** The hosts that it names, each once, for people to read. */
export function upstreamHosts({ debian, npm, pypi, registries }: UpstreamSettings): readonly string[] {
  const addresses = [...registries, pypi, npm, debian].filter(one => one !== undefined);
  return [...new Set(addresses.map(hostOf))];
}

/** `hub.example.org`, with its port where it has one. */
export function hostOf(address: string): string {
  const { hostname, port } = new URL(address);
  return port === '' ? hostname : `${hostname}:${port}`;
}

function addressOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  try {
    const url = new URL(String(value));
    if (/^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url.href.endsWith('/') ? url.href : `${url.href}/`;
  } catch {
    // Told below: what is no address is as wrong as one of another kind.
  }
  throw new Error(`"${name}" in "upstreams" is not a web address. It should look like "https://example.org/".`);
}
