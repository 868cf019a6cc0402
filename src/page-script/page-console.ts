import type { PageConsole } from '../core/preview/preview-call.ts';
import type { ConsoleLine } from '../core/preview/page-report.ts';

type Line = PageConsole['lines'][number];

const LEVELS: readonly ConsoleLine['level'][] = ['debug', 'log', 'info', 'warn', 'error'];
/** A page that writes without end is not to fill the learner's memory: of one line, and of one turn, no more is told. */
const MOST_CHARACTERS = 4000;
const MOST_LINES = 100;
const MOST_DEPTH = 3;
const MOST_PARTS = 100;

/** Tells the Browser pane what this page writes to its console, and what goes wrong in its scripts. The browser's own console has it all the same. */
export function tellConsole(container: ServiceWorkerContainer): void {
  let waiting: Line[] = [];
  const send = (): void => {
    const lines = waiting;
    waiting = [];
    const message: PageConsole = { kind: 'tell-console', lines };
    container.controller?.postMessage(message);
  };
  const tell = (level: Line['level'], values: readonly unknown[]): void => {
    if (waiting.length === 0) setTimeout(send);
    if (waiting.length < MOST_LINES)
      waiting.push({
        level,
        text: values
          .map(value => textOf(value))
          .join(' ')
          .slice(0, MOST_CHARACTERS),
      });
  };
  for (const level of LEVELS) {
    const own = console[level].bind(console);
    console[level] = (...values: unknown[]) => {
      own(...values);
      tell(level, values);
    };
  }
  addEventListener('error', ({ filename, lineno, message }) => {
    // What an element could not load comes here too, without a message.
    if (message !== undefined) tell('error', [`${message} (${placeOf(filename)}:${lineno})`]);
  });
  addEventListener('unhandledrejection', ({ reason }) => tell('error', ['Uncaught (in promise)', reason]));
}

/** Without Drydock's own address. */
function placeOf(filename: string): string {
  return filename.replace(/^.*\/preview\/\d+(?:-[a-z0-9]+)?/, '') || '/';
}

/** As the console shows it, or nearly. */
function textOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Element) return `<${value.localName}>`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth >= MOST_DEPTH) return Array.isArray(value) ? '[…]' : '{…}';
  try {
    if (Array.isArray(value))
      return `[${value
        .slice(0, MOST_PARTS)
        .map(one => textOf(one, depth + 1))
        .join(', ')}]`;
    return `{${Object.entries(value)
      .slice(0, MOST_PARTS)
      .map(([name, one]) => `${name}: ${textOf(one, depth + 1)}`)
      .join(', ')}}`;
  } catch {
    // A getter of the page's own may throw.
    return Object.prototype.toString.call(value);
  }
}
