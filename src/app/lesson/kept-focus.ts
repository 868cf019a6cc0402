import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isFocusLost } from '../ui/lost-focus.ts';

/** Where a button goes with its press, the focus goes to the element around it, not to the beginning of the page. */
export function useKeptFocus(around: RefObject<HTMLElement | null>, isGone: boolean): void {
  const wasGone = useRef(isGone);
  useEffect(() => {
    const hasGone = isGone && !wasGone.current;
    wasGone.current = isGone;
    if (hasGone && isFocusLost()) around.current?.focus({ preventScroll: true });
  }, [isGone]);
}
