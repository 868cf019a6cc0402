import type { ComponentChildren, JSX } from 'preact';
import { parseLessonLink } from '../../core/lesson/format/lesson-link.ts';
import type { RootContent } from '../../core/lesson/lesson.ts';
import { Icon } from '../ui/icons.tsx';
import type { Session } from '../session/session.ts';
import { followLink, linkTitle } from './follow-link.ts';

type NodeType = RootContent['type'];
type NodeOf<T extends NodeType> = Extract<RootContent, { type: T }>;
type Renderers = { readonly [T in NodeType]?: (node: NodeOf<T>, session: Session) => ComponentChildren };

/** A text of a lesson: each kind of node becomes the element of the table below, and nothing else ever becomes one. */
export function Markdown({ nodes, session }: { nodes: readonly RootContent[]; session: Session }): JSX.Element {
  return <>{renderAll(nodes, session)}</>;
}

function renderAll(nodes: readonly RootContent[], session: Session): ComponentChildren[] {
  return nodes.map(node => render(node, session));
}

function render(node: RootContent, session: Session): ComponentChildren {
  const renderer = renderers[node.type] as ((node: RootContent, session: Session) => ComponentChildren) | undefined;
  return renderer === undefined ? textOf(node) : renderer(node, session);
}

/** What a node says that the page does not know: a lesson of a later version, or HTML. */
function textOf(node: RootContent): string {
  if ('value' in node) return String(node.value);
  return 'children' in node ? node.children.map(textOf).join('') : '';
}

const renderers: Renderers = {
  paragraph: ({ children }, session) => <p>{renderAll(children, session)}</p>,
  heading: ({ children, depth }, session) => (depth <= 3 ? <h4>{renderAll(children, session)}</h4> : <h5>{renderAll(children, session)}</h5>),
  text: ({ value }) => value,
  emphasis: ({ children }, session) => <em>{renderAll(children, session)}</em>,
  strong: ({ children }, session) => <strong>{renderAll(children, session)}</strong>,
  delete: ({ children }, session) => <del>{renderAll(children, session)}</del>,
  inlineCode: ({ value }) => <code>{value}</code>,
  code: ({ value }) => (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
    <pre class="lesson-plain-code" tabIndex={0}>
      <code>{value}</code>
    </pre>
  ),
  break: () => <br />,
  thematicBreak: () => <hr />,
  blockquote: ({ children }, session) => <blockquote>{renderAll(children, session)}</blockquote>,
  list: ({ children, ordered, start }, session) =>
    ordered === true ? <ol start={start ?? 1}>{renderAll(children, session)}</ol> : <ul>{renderAll(children, session)}</ul>,
  listItem: ({ children, spread }, session) => <li>{spread === true ? renderAll(children, session) : renderTight(children, session)}</li>,
  table: ({ align, children: [head, ...rows] }, session) => (
    <div class="lesson-table">
      <table>
        {head !== undefined && (
          <thead>
            <TableRow row={head} align={align ?? []} session={session} isHead />
          </thead>
        )}
        <tbody>
          {rows.map((row, index) => (
            <TableRow key={index} row={row} align={align ?? []} session={session} isHead={false} />
          ))}
        </tbody>
      </table>
    </div>
  ),
  link: ({ children, url }, session) => <Link url={url} session={session} children={renderAll(children, session)} />,
};

/** The items of a list without blank lines between them: their paragraphs are lines. */
function renderTight(nodes: readonly RootContent[], session: Session): ComponentChildren[] {
  return nodes.map(node => (node.type === 'paragraph' ? renderAll(node.children, session) : render(node, session)));
}

interface TableRowProps {
  readonly row: NodeOf<'tableRow'>;
  readonly align: readonly ('left' | 'right' | 'center' | null)[];
  readonly session: Session;
  readonly isHead: boolean;
}

function TableRow({ align, isHead, row, session }: TableRowProps): JSX.Element {
  const Cell = isHead ? 'th' : 'td';
  return (
    <tr>
      {row.children.map((cell, index) => (
        <Cell key={index} style={{ textAlign: align[index] ?? 'left' }} {...(isHead && { scope: 'col' })}>
          {renderAll(cell.children, session)}
        </Cell>
      ))}
    </tr>
  );
}

function Link({ children, session, url }: { children: ComponentChildren; session: Session; url: string }): JSX.Element {
  const link = parseLessonLink(url);
  if (link === undefined) return <>{children}</>;
  if (link.kind === 'web') {
    return (
      <a href={link.url} target="_blank" rel="noopener noreferrer" title={linkTitle(link)}>
        {children}
        <Icon name="external" size={12} />
        <span class="visually-hidden"> (opens in a new tab)</span>
      </a>
    );
  }
  return (
    <button type="button" class="lesson-link" title={linkTitle(link)} onClick={() => followLink(session, link)}>
      {children}
    </button>
  );
}
