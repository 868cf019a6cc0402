import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import type { DockerClient } from '../../core/docker/docker-client.ts';
import { LogTail, type LogSpan } from '../../core/docker/log-tail.ts';
import type { Session } from '../session/session.ts';
import { useEndInSight } from '../ui/use-end-in-sight.ts';

const TAIL_LINES = 200;
const MAX_LENGTH = 100_000;

/** The state of the reading. */
type Reading = { readonly kind: 'reading' } | { readonly kind: 'ended' } | { readonly kind: 'failed'; readonly message: string };

/** The last lines of a container's output, and what it writes from now on. Starts again with each of its runs (`run` tells them apart). */
export function LogView(props: { id: string; session: Session; container: string; of: string; run: string }): JSX.Element {
  const { session, container, run } = props;
  const [spans, setSpans] = useState<readonly LogSpan[]>([]);
  const [reading, setReading] = useState<Reading>({ kind: 'reading' });
  const end = useEndInSight<HTMLPreElement>(spans);
  useEffect(() => {
    const abort = new AbortController();
    const whileWanted = (tell: () => void): void => {
      if (!abort.signal.aborted) tell();
    };
    setReading({ kind: 'reading' });
    const reader = async (): Promise<void> => readLog(session.engine.client, container, abort.signal, shown => whileWanted(() => setSpans(shown)));
    reader().then(
      () => whileWanted(() => setReading({ kind: 'ended' })),
      (error: unknown) => whileWanted(() => setReading({ kind: 'failed', message: messageOf(error) })),
    );
    return () => abort.abort();
  }, [container, run]);
  return (
    <div id={props.id} class="drawer">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must scroll by keys too */}
      <pre {...end} class="log" role="log" aria-label={`Output of ${props.of}`} tabIndex={0}>
        {spans.map((span, index) => (
          <span key={index} class={span.stream === 'stderr' ? 'log-error' : undefined}>
            {span.text}
          </span>
        ))}
      </pre>
      <p class="quiet-text">
        {reading.kind === 'reading' && `The last ${TAIL_LINES} lines, and new lines as they come. Errors (stderr) are red.`}
        {reading.kind === 'ended' && (spans.length === 0 ? 'It wrote nothing.' : 'That is all: it has ended.')}
        {reading.kind === 'failed' && reading.message}
      </p>
    </div>
  );
}

/** Shows at most once a frame, however much comes. */
async function readLog(client: DockerClient, container: string, signal: AbortSignal, show: (spans: readonly LogSpan[]) => void): Promise<void> {
  const tail = new LogTail(MAX_LENGTH);
  let frame: number | undefined;
  const showNow = (): void => {
    frame = undefined;
    show(tail.spans);
  };
  show([]);
  for await (const piece of client.logs(container, { tail: TAIL_LINES, follow: true, signal })) {
    tail.add(piece);
    frame ??= requestAnimationFrame(showNow);
  }
  showNow();
}
