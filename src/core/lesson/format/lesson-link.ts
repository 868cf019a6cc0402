import { parsePath, type WorkspacePath } from '../../workspace/path.ts';

/** The panels beside the editor that a link can bring to the front. */
export const panels = ['browser', 'containers', 'library', 'lab'] as const;
export type Panel = (typeof panels)[number];

/** What a link in a lesson does. */
export type LessonLink =
  /** `file:app.py`, `file:app.py#L3`: opens the file, at the line. */
  | { readonly kind: 'file'; readonly path: WorkspacePath; readonly line?: number }
  /** `terminal:2`: goes to that terminal; they are numbered from 1, as on the page. */
  | { readonly kind: 'terminal'; readonly number: number }
  /** `port:8888/about`: shows the page of a published port. */
  | { readonly kind: 'port'; readonly port: number; readonly path: string }
  /** `panel:library` brings it to the front. */
  | { readonly kind: 'panel'; readonly panel: Panel }
  /** `https:` and `http:`: opens in a tab of its own, with `noopener`. */
  | { readonly kind: 'web'; readonly url: string };

/** What an author may write as the target of a link. */
export const linkForms = ['file:app.py#L3', 'terminal:2', 'port:8888/', 'panel:library', 'https://…'] as const;

const TERMINALS = 3;
const MAX_PORT = 65_535;

/** Reads the target of a link; undefined for anything that a lesson may not link to. */
export function parseLessonLink(href: string): LessonLink | undefined {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(href) ?? [];
  switch (scheme) {
    case 'file':
      return fileLink(rest);
    case 'terminal':
      return /^[1-9]$/.test(rest) && Number(rest) <= TERMINALS ? { kind: 'terminal', number: Number(rest) } : undefined;
    case 'port':
      return portLink(rest);
    case 'panel': {
      const panel = panels.find(one => one === rest);
      return panel && { kind: 'panel', panel };
    }
    case 'https':
    case 'http':
      return webLink(href);
    default:
      return undefined;
  }
}

function fileLink(rest: string): LessonLink | undefined {
  const [, encoded = '', line] = /^([^#]+)(?:#L([1-9]\d{0,6}))?$/.exec(rest) ?? [];
  try {
    const path = parsePath(decodeURIComponent(encoded));
    return line === undefined ? { kind: 'file', path } : { kind: 'file', path, line: Number(line) };
  } catch {
    return undefined;
  }
}

function portLink(rest: string): LessonLink | undefined {
  const [, digits = '', path = ''] = /^(\d{1,5})(\/\S*)?$/.exec(rest) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= MAX_PORT ? { kind: 'port', port, path: path === '' ? '/' : path } : undefined;
}

function webLink(href: string): LessonLink | undefined {
  try {
    const { href: url } = new URL(href);
    return { kind: 'web', url };
  } catch {
    return undefined;
  }
}
