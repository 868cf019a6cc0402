/** How the part of an address after `#` begins that carries files. Apart from what reads it, which is loaded only then. */
export const SHARE_KEY = 'share=';

/** Does this part of an address, with or without its `#`, carry files? */
export function isShareFragment(fragment: string): boolean {
  return fragment.replace(/^#/, '').startsWith(SHARE_KEY);
}
