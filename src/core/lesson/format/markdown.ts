import type { Nodes, Root } from 'mdast';
import { directiveFromMarkdown, type ContainerDirective } from 'mdast-util-directive';
import { fromMarkdown, type Options } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { directive } from 'micromark-extension-directive';
import { gfmTable } from 'micromark-extension-gfm-table';

/**
 * CommonMark with tables and `:::hint[…]`, without what surprises authors: `hello:v1` is not a directive, four spaces do not make a code block, and a line of
 * dashes under a text makes no heading.
 */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, options());
}

function options(): Options {
  const containers = [directive().flow?.[58] ?? []].flat().slice(0, 1);
  return {
    extensions: [gfmTable(), { flow: { 58: containers }, disable: { null: ['setextUnderline', 'codeIndented'] } }],
    mdastExtensions: [gfmTableFromMarkdown(), directiveFromMarkdown({ verbose: true })],
  };
}

/** The text of a node, without its formatting. */
export function plainText(node: Nodes): string {
  if ('value' in node) return node.value;
  if ('children' in node) return node.children.map(plainText).join('');
  return node.type === 'break' ? '\n' : '';
}

/** The text in the brackets after the name of a directive. */
export function directiveLabel(node: ContainerDirective): string | undefined {
  const [first] = node.children;
  return first?.type === 'paragraph' && first.data?.directiveLabel ? plainText(first) : undefined;
}

/** Has it a line of colons that ends it? */
export function isDirectiveClosed(node: ContainerDirective): boolean {
  return node.data?.position?.closing !== undefined;
}
