import type { PageFacts } from '../page-script/page-facts.ts';

/** The code of src/page-script, put here when the site is built. */
declare const PAGE_SCRIPT: string;

/** The script that runs first in a container's page. */
export function pageScript(facts: PageFacts): string {
  // What would end the script, or begin a comment in it, must not stand in it.
  return `(()=>{${PAGE_SCRIPT}drydockPage.begin(${JSON.stringify(facts).replaceAll('<', '\\u003c')})})()`;
}
