/** An image's name in parts, with Docker Hub's long forms cut to the usual short one. */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits `registry:5000/name:tag@digest`. */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const name = at === -1 ? text : text.slice(0, at);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const repository = (colon === -1 ? name : name.slice(0, colon)).replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  return {
    repository,
    tag: colon === -1 ? undefined : name.slice(colon + 1),
    digest: at === -1 ? undefined : text.slice(at + 1),
  };
}

/** `name:tag`, the tag being `latest` when none is written, as the engine reads it. */
export function fullReference({ repository, tag }: ImageReference): string {
  return `${repository}:${tag ?? 'latest'}`;
}

/** The engine's images in short form, once each, without the nameless ones. */
export function knownReferences(imageReferences: readonly string[]): string[] {
  const named = imageReferences.filter(reference => reference !== '' && !reference.includes('<none>'));
  return [...new Set(named.map(reference => fullReference(parseImageReference(reference))))];
}
