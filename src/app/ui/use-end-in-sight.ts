import { useLayoutEffect, useRef } from 'preact/hooks';

/** So near to its end a view keeps to the end. */
const END_PIXELS = 30;

/** What an element that scrolls is given. */
export interface EndInSight<E extends HTMLElement> {
  readonly ref: { readonly current: E | null };
  onScroll(): void;
}

/** Keeps the end of what grows in sight, unless somebody has gone back in it; `content` changes when it grows. */
export function useEndInSight<E extends HTMLElement>(content: unknown): EndInSight<E> {
  const ref = useRef<E>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isAtEnd.current) ref.current?.scrollTo({ top: ref.current.scrollHeight });
  }, [content]);
  const onScroll = (): void => {
    const { current } = ref;
    if (current !== null) isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < END_PIXELS;
  };
  return { ref, onScroll };
}
