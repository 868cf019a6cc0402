/**
 * The name of an image as the engine lists it: without `docker.io/` and `library/`, which Docker leaves out, and with `:latest`, which it
 * adds, if no tag is given.
 */
export function fullImageName(name: string): string {
  const short = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  const last = short.slice(short.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? short : `${short}:latest`;
}

/** Do two names mean the same image? */
export function isSameImage(one: string, other: string): boolean {
  return fullImageName(one) === fullImageName(other);
}
