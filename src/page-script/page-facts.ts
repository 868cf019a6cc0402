/** What the service worker tells a container's page. */
export interface PageFacts {
  /** Where Drydock, or its second origin, lies; ends with a slash. */
  readonly site: string;
  /** The cookies that scripts of the page may see, as `document.cookie` has them. */
  readonly cookies: string;
}
