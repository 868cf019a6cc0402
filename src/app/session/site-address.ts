import { RELEASE_META, releaseAddress } from '../../core/offline/release.ts';

/** Where this site lies, with the release that the page is of: what the page asks for is of the same. */
export function siteAddress(page: Document): string {
  const meta = page.querySelector(`meta[name="${RELEASE_META}"]`);
  return releaseAddress(new URL('.', page.baseURI).href, meta?.getAttribute('content'));
}
