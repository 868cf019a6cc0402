import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import type { EngineObject } from '../../core/docker/docker-client.ts';
import type { Session } from '../session/session.ts';

type Answer = { readonly value: unknown } | { readonly error: string } | undefined;

/** Everything the engine says of a thing, folded. */
export function InspectView(props: { id: string; session: Session; kind: EngineObject; name: string; of: string }): JSX.Element {
  const { session, kind, name } = props;
  const [answer, setAnswer] = useState<Answer>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    const show = (given: Answer): void => {
      if (!abort.signal.aborted) setAnswer(given);
    };
    const asked = async (): Promise<unknown> => session.engine.client.inspect(kind, name, abort.signal);
    asked().then(
      value => show({ value }),
      (error: unknown) => show({ error: messageOf(error) }),
    );
    return () => abort.abort();
  }, [kind, name]);
  return (
    <div id={props.id} class="drawer json" role="region" aria-label={`What the engine says of ${props.of}`}>
      {answer === undefined && <p class="quiet-text">Asking the engine…</p>}
      {answer !== undefined && 'error' in answer && <p class="action-error">{answer.error}</p>}
      {answer !== undefined && 'value' in answer && <JsonFields value={answer.value} depth={0} />}
    </div>
  );
}

function JsonFields({ value, depth }: { value: unknown; depth: number }): JSX.Element {
  const fields = Object.entries(value as Record<string, unknown>);
  return (
    <ul>
      {fields.map(([name, field]) => (
        <li key={name}>
          <JsonField name={name} value={field} depth={depth} />
        </li>
      ))}
    </ul>
  );
}

function JsonField({ name, value, depth }: { name: string; value: unknown; depth: number }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    return (
      <>
        <span class="json-name">{name}</span>: <span class={typeof value === 'string' ? 'json-text' : 'json-value'}>{JSON.stringify(value)}</span>
      </>
    );
  }
  const count = Object.keys(value).length;
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="json-name">{name}</span>
        <span class="json-count">{Array.isArray(value) ? ` [${count}]` : ` {${count}}`}</span>
      </summary>
      {isOpen && <JsonFields value={value} depth={depth + 1} />}
    </details>
  );
}
