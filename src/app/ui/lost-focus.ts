import { useEffect, useRef } from 'preact/hooks';

/** Has what had the keyboard gone from the page? It then goes to the beginning of the page, where nobody wants it. */
export function isFocusLost(): boolean {
  const active = document.activeElement ?? document.body;
  // What was hidden keeps the focus until the browser draws the page again.
  return document.hasFocus() && (active === document.body || active.getClientRects().length === 0);
}

/** If a button folds a column away or opens it again, and vanishes with that, the keyboard focus goes to what replaces it. */
export function useFoldFocus(isFolded: boolean, target: () => HTMLElement | null | undefined): void {
  const wasFolded = useRef(isFolded);
  useEffect(() => {
    const hasChanged = wasFolded.current !== isFolded;
    wasFolded.current = isFolded;
    if (hasChanged && isFocusLost()) target()?.focus({ preventScroll: true });
  }, [isFolded]);
}
