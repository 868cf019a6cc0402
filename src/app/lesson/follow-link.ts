import type { LessonLink } from '../../core/lesson/format/lesson-link.ts';
import { visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';

/** Does what a link of a lesson says; those that lead out of the page are the browser's. */
export function followLink(session: Session, link: Exclude<LessonLink, { kind: 'web' }>): void {
  switch (link.kind) {
    case 'file':
      return openFile(session, link.path, link.line);
    case 'terminal':
      return session.showTerminal(link.number - 1);
    case 'port':
      session.messages.announce(`The Browser pane shows localhost:${link.port}${link.path}.`);
      return session.preview.open({ port: link.port, path: link.path });
    case 'panel':
      session.messages.announce(`The ${paneName(link.panel)} pane is open.`);
      return session.showSidePane(link.panel);
  }
}

function openFile(session: Session, path: string, line: number | undefined): void {
  const { messages, openFiles, store } = session;
  if (store.entries.get(path)?.kind !== 'file') {
    const create = (): void => {
      store.write(path, new Uint8Array(), { origin: 'page' });
      openFiles.openToType(path);
    };
    messages.show(`There is no file ${visibleName(path)} yet.`, { action: { label: 'Create it', run: create } });
    return;
  }
  messages.announce(`${visibleName(path)} is open in the editor${line === undefined ? '' : `, at line ${line}`}.`);
  if (line === undefined) openFiles.open(path);
  else openFiles.openAt(path, line);
}

function paneName(panel: string): string {
  return panel.charAt(0).toUpperCase() + panel.slice(1);
}

/** What a link does, for its tooltip. */
export function linkTitle(link: LessonLink): string {
  switch (link.kind) {
    case 'file':
      return link.line === undefined ? `Opens ${visibleName(link.path)}` : `Opens ${visibleName(link.path)} at line ${link.line}`;
    case 'terminal':
      return `Goes to terminal ${link.number}`;
    case 'port':
      return `Shows localhost:${link.port}${link.path} in the Browser pane`;
    case 'panel':
      return `Opens the ${paneName(link.panel)} pane`;
    case 'web':
      return `${link.url} (opens in a new tab)`;
  }
}
