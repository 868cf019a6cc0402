import type { Code, Link, LinkReference, Nodes, Parent, RootContent } from 'mdast';
import { codeProblem } from './code-block.ts';
import { linkForms, parseLessonLink } from './lesson-link.ts';
import { report, placeOf, type SectionContext } from './section-context.ts';
import { substitute } from './variables.ts';

const COMMENT = /^<!--(?:(?!-->)[\s\S])*-->$/;

/**
 * Makes the Markdown of a text fit to be shown: without positions, comments and references. What may not stand in a lesson is left out and
 * reported, so the code that renders the result meets only what it says.
 */
export function cleanText(node: RootContent, context: SectionContext): RootContent | undefined {
  const cleaned = cleanNode(node, context);
  return cleaned as RootContent | undefined;
}

function cleanNode(node: Nodes, context: SectionContext): Nodes | undefined {
  switch (node.type) {
    case 'html':
      return cleanHtml(node.value, node, context);
    case 'image':
    case 'imageReference':
      report(node, context, 'A lesson cannot show images: say it in words, or draw it in a block of code without a language.');
      return undefined;
    case 'definition':
      return undefined;
    case 'link':
      return cleanLink(node, node.url, context);
    case 'linkReference':
      return cleanLink(node, context.definitions.get(node.identifier)?.url ?? '', context);
    case 'containerDirective':
      report(node, context, 'A hint must stand by itself: not in a list, a quote or another hint.');
      return undefined;
    case 'code':
      return cleanCode(node, context);
    case 'heading':
      if (node.depth === 2) report(node, context, 'A step (`## …`) cannot begin here: not in a list, a quote or a hint.');
      if (node.depth === 1)
        report(node, context, 'The title of the lesson belongs in the front matter, steps begin with `## `, headings inside with `### `.');
      break;
    case 'paragraph':
      if (lineOf(node, context).startsWith(':::')) {
        report(
          node,
          context,
          'Write a hint like this: `:::hint[Its title]` without spaces before the bracket, its text, and `:::` on a line of its own.',
        );
      }
      break;
  }
  return withoutPosition(node, context);
}

function lineOf(node: Nodes, context: SectionContext): string {
  const { line, column } = placeOf(node, context);
  return context.lines[line - 1]?.slice(column - 1) ?? '';
}

function withoutPosition(node: Nodes, context: SectionContext): Nodes {
  const rest = { ...node };
  delete rest.position;
  delete rest.data;
  if (!('children' in node)) return rest;
  const children = (node as Parent).children.flatMap(child => cleanNode(child, context) ?? []);
  return { ...rest, children } as Nodes;
}

function cleanHtml(value: string, node: Nodes, context: SectionContext): undefined {
  if (COMMENT.test(value.trim())) return;
  const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  report(
    node,
    context,
    `HTML is not allowed (\`${shown.replace(/\s+/g, ' ')}\`). For the character itself write \`\\<\`, or put the text between backticks.`,
  );
}

function cleanLink(node: Link | LinkReference, url: string, context: SectionContext): Link {
  const target = substitute(url, context.defaults);
  const link = parseLessonLink(target);
  if (!link) report(node, context, `A link cannot lead to \`${target}\`. Allowed: ${linkForms.map(form => `\`${form}\``).join(', ')}.`);
  if (link?.kind === 'file') context.linkedFiles.push({ path: link.path, place: placeOf(node, context) });
  const children = node.children.flatMap(child => cleanNode(child, context) ?? []);
  return { type: 'link', url, children: children as Link['children'] };
}

/** A block of code in a list or a quote: it has no buttons there. */
function cleanCode(node: Code, context: SectionContext): Nodes {
  const problem = codeProblem(node);
  if (problem !== undefined) report(node, context, problem);
  return { type: 'code', lang: node.lang ?? null, value: node.value };
}
