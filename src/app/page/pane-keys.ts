/** A part of the page that F6 goes to. */
interface PagePart {
  /** Selects the part. */
  readonly around: string;
  /** Selects what takes the keyboard in it the first time; later it is what had it last. Without this always the first that can. */
  readonly first?: string;
}

/** In their order on the page. */
const parts: readonly PagePart[] = [
  { around: 'header' },
  { around: '.left-tabs' },
  { around: '#lesson-pane', first: '.lesson-text' },
  { around: '.lesson-rail' },
  { around: '#files-pane', first: '[role="treeitem"][tabindex="0"]' },
  { around: '#editor-pane', first: '.monaco-editor [role="textbox"]' },
  { around: '#terminal-pane', first: '.terminal-panel:not([hidden]) textarea' },
  { around: '#side-pane', first: '[role="tab"][aria-selected="true"]' },
  { around: '.side-rail:not(.lesson-rail)' },
  { around: 'footer' },
  { around: '.messages' },
];

const FOCUSABLE = 'button:not(:disabled):not([tabindex="-1"]), a[href], input:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';

/**
 * F6 goes to the next part of the page and Shift+F6 to the one before, also out of the editor and the terminals, and there to where the learner
 * was last: from the terminal back to the step that the learner is reading. Listens as long as the page lives.
 */
export function followPaneKeys(): void {
  const last = new Map<string, Element>();
  addEventListener('focusin', ({ target }) => {
    const part = target instanceof Element ? partOf(target) : undefined;
    if (part?.first !== undefined) last.set(part.around, target as Element);
  });
  addEventListener(
    'keydown',
    event => {
      if (event.key !== 'F6' || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      // A question that is open comes first.
      if (document.querySelector('dialog[open], .cover') === null) goOn(event.shiftKey ? -1 : 1, last);
    },
    { capture: true },
  );
}

function goOn(direction: 1 | -1, last: ReadonlyMap<string, Element>): void {
  const targets = parts.flatMap(part => {
    const target = targetIn(part, last.get(part.around));
    return target === undefined ? [] : [{ part, target }];
  });
  const here = partOf(document.activeElement);
  const index = targets.findIndex(({ part }) => part === here);
  const start = index < 0 && direction < 0 ? 0 : index;
  targets[(start + direction + targets.length) % targets.length]?.target.focus();
}

function partOf(element: Element | null): PagePart | undefined {
  return parts.find(({ around }) => element !== null && element.closest(around) !== null);
}

/** What takes the keyboard in a part; undefined where it is not to be seen, or holds nothing that could. */
function targetIn({ around, first }: PagePart, last: Element | undefined): HTMLElement | undefined {
  const part = document.querySelector(around);
  if (part === null || !isShown(part)) return undefined;
  const wanted = first === undefined ? [] : [...part.querySelectorAll(first)];
  // What covers the terminals has something to ask.
  const covering = part.querySelectorAll('.machine-cover button');
  const candidates = [...covering, ...(last !== undefined && part.contains(last) ? [last] : []), ...wanted, ...part.querySelectorAll(FOCUSABLE)];
  return candidates.find((one): one is HTMLElement => one instanceof HTMLElement && isShown(one) && !one.matches(':disabled'));
}

function isShown(element: Element): boolean {
  return element.getClientRects().length > 0;
}
