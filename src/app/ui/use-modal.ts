import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Shows a dialog above all else as long as it is there; then the keyboard goes back to where it was. */
export function useModal(element: RefObject<HTMLDialogElement | null>): void {
  // Before the browser draws the page: who types on at once types into the dialog.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      // As long as it is open nothing else can have the keyboard.
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
}
