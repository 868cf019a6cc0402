import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import type { SidePaneProps } from '../side/side-panes.ts';

/** The lab's pane, loaded when it is first looked at: most visits are without it. */
export function LazyLabPane(props: SidePaneProps): JSX.Element {
  const [Pane, setPane] = useState<(props: SidePaneProps) => JSX.Element>();
  const [problem, setProblem] = useState<string>();
  const load = (): void => {
    setProblem(undefined);
    import('./lab-pane.tsx').then(
      ({ LabPane }) => setPane(() => LabPane),
      (error: unknown) => setProblem(messageOf(error)),
    );
  };
  useEffect(load, []);
  if (Pane !== undefined) return <Pane {...props} />;
  if (problem === undefined) return <p class="empty quiet-text">Loading the lab…</p>;
  return (
    <div class="empty" role="alert">
      <p>The lab could not be loaded: {problem}</p>
      <button type="button" class="button quiet" onClick={load}>
        Try again
      </button>
    </div>
  );
}
