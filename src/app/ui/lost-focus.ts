import { useEffect, useRef } from 'preact/hooks';

/** Has what had the keyboard gone from the page? It then goes to the beginning of the page, where nobody wants it. */
export function isFocusLost(): boolean {
  const active = document.activeElement ?? document.body;
  // What was hidden keeps the focus until the browser draws the page again.
  return document.hasFocus() && (active === document.body || active.getClientRects().length === 0);
}

/** Where a column is folded away, or opened again, by a button that goes with that, the keyboard goes to what is there instead. */
export function useFoldFocus(isFolded: boolean, target: () => HTMLElement | null | undefined): void {
  const wasFolded = useRef(isFolded);
  useEffect(() => {
    const hasChanged = wasFolded.current !== isFolded;
    wasFolded.current = isFolded;
    if (hasChanged && isFocusLost()) target()?.focus({ preventScroll: true });
  }, [isFolded]);
}
