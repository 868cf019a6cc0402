import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';

/** A pane whose code is loaded when it is first looked at: the prompt does not wait for it. `what` is used in sentences, like "the lab". */
export function lazyPane<Props extends object>(what: string, load: () => Promise<(props: Props) => JSX.Element>): (props: Props) => JSX.Element {
  return function LazyPane(props) {
    const [Content, setContent] = useState<(props: Props) => JSX.Element>();
    const [problem, setProblem] = useState<string>();
    const begin = (): void => {
      setProblem(undefined);
      load().then(
        pane => setContent(() => pane),
        (error: unknown) => setProblem(messageOf(error)),
      );
    };
    useEffect(begin, []);
    if (Content !== undefined) return <Content {...props} />;
    if (problem === undefined) return <p class="empty quiet-text">Loading {what}…</p>;
    return (
      <div class="empty" role="alert">
        <p>
          Drydock could not load {what}: {problem}
        </p>
        <button type="button" class="button quiet" onClick={begin}>
          Try again
        </button>
      </div>
    );
  };
}
