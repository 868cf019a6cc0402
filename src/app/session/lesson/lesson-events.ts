import { effect, untracked, type ReadonlySignal } from '@preact/signals';
import type { Unsubscribe } from '../../../core/base/events.ts';
import type { EngineNews } from '../../../core/protocol/sandbox.ts';

/** What happens to a container when something is run in it or attached to it: the engine's things stay as they are. */
const passing = /^(?:exec_|attach|detach|resize|top|export|archive-path)/;

/** May a check of the engine's things come out otherwise after this? */
export function isRelevant(news: EngineNews): boolean {
  return news.kind === 'watching' || !passing.test(news.event.action);
}

/** Tells of each new value, not of the one there is. */
export function whenChanged<T>(source: ReadonlySignal<T>, tell: (value: T) => void): Unsubscribe {
  let isFirst = true;
  return effect(() => {
    const { value } = source;
    // What the listener reads is not what it wants to be told of.
    if (!isFirst) untracked(() => tell(value));
    isFirst = false;
  });
}
