import type { JSX } from 'preact';
import type { SidePaneProps } from '../side/side-panes.ts';

/** Shows what containers publish. */
export function BrowserPane(_: SidePaneProps): JSX.Element {
  return (
    <p class="side-empty">
      Nothing is published yet. <code>docker run -p 8888:5000 …</code> publishes port 5000 of a container as localhost:8888.
    </p>
  );
}
