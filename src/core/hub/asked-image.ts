/** What somebody wrote to name an image, in parts. */
export interface AskedImage {
  /** The registry's host, as far as it is another than Docker Hub. */
  readonly registry: string | undefined;
  /** Without the registry, and without `library/`: `python`, `traefik/whoami`. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Docker Hub by all its addresses. */
const HUB_ADDRESSES = /^(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|registry\.hub\.docker\.com)\//;
const REFERENCE =
  /^(?<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+(?=\/))?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>\w+:[0-9a-f]+))?$/;

/** Reads `registry:5000/user/name:tag@digest`; undefined for what can name no image. */
export function parseAskedImage(text: string): AskedImage | undefined {
  const written = text
    .trim()
    .replace(/^(?:https?|docker):\/\//, '')
    .replace(/^hub\.docker\.com\/[_r]\//, '');
  const parts = REFERENCE.exec(written);
  const path = parts?.groups?.['path'];
  if (path === undefined) return undefined;
  const onHub = path.replace(HUB_ADDRESSES, '');
  const [first = '', ...rest] = onHub.split('/');
  const registry = onHub === path && rest.length > 0 && firstIsHost(onHub) ? first : undefined;
  const name = (registry === undefined ? onHub : rest.join('/')).replace(/^library\//, '');
  return { registry, name, tag: parts?.groups?.['tag'], digest: parts?.groups?.['digest'] };
}

/** Docker's own rule for telling a host from a user. */
function firstIsHost(path: string): boolean {
  const [first = '', ...rest] = path.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
}

/** The same in one line, in the shortest form. */
export function writeAskedImage({ registry, name, tag, digest }: AskedImage): string {
  return `${registry === undefined ? '' : `${registry}/`}${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
