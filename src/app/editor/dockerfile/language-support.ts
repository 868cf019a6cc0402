import { DockerfileLanguageServiceFactory, type DockerfileLanguageService } from 'dockerfile-language-service';
import type { Finding, LintOptions, TextChange, TextPosition, TextRange } from './finding.ts';
import { completeImage } from './image-completion.ts';
import { lintDockerfile } from './lint-dockerfile.ts';
import type { Proposal } from './proposal.ts';
import { syntaxFindings } from './syntax-findings.ts';

/** What is shown on hover: Markdown, and where it belongs. */
export interface HoverText {
  readonly markdown: string;
  readonly range: TextRange | undefined;
}

/** The shape of an instruction, with the part that is being typed. */
export interface SignatureText {
  readonly activeSignature: number;
  readonly activeParameter: number;
  readonly signatures: readonly {
    readonly label: string;
    readonly documentation: string;
    readonly parameters: readonly { readonly label: string; readonly documentation: string }[];
  }[];
}

/** Indentation as the editor has it. */
export interface Indentation {
  readonly tabSize: number;
  readonly insertSpaces: boolean;
}

/** Everything the editor may ask about a Dockerfile; stateless, data in and data out, so it may live in a worker. */
export interface LanguageSupport {
  check(text: string, options: LintOptions): Finding[];
  complete(text: string, position: TextPosition, options: LintOptions): Promise<Proposal[]>;
  hover(text: string, position: TextPosition): HoverText | undefined;
  signature(text: string, position: TextPosition): SignatureText | undefined;
  format(text: string, indentation: Indentation): TextChange[];
  formatOnType(text: string, position: TextPosition, typed: string, indentation: Indentation): TextChange[];
  definition(text: string, position: TextPosition): TextRange | undefined;
  renameRange(text: string, position: TextPosition): TextRange | undefined;
  rename(text: string, position: TextPosition, newName: string): TextChange[];
}

type LibraryProposal = Awaited<ReturnType<DockerfileLanguageService['computeCompletionItems']>>[number];
type LibraryHover = NonNullable<ReturnType<DockerfileLanguageService['computeHover']>>;

/** The library names documents by URI; there is only one here. */
const document = { uri: 'file:///Dockerfile' };

/** Joins the language service with our own rules and our own image completion. */
export function createLanguageSupport(): LanguageSupport {
  const service = DockerfileLanguageServiceFactory.createLanguageService();
  service.setCapabilities({
    completion: { completionItem: { snippetSupport: true, deprecatedSupport: false, documentationFormat: ['markdown'] } },
    hover: { contentFormat: ['markdown'] },
  });
  return {
    check: (text, options) => {
      const taught = lintDockerfile(text, options);
      return [...syntaxFindings(service, text, taught), ...taught];
    },
    complete: async (text, position, options) => {
      // The library would ask Docker Hub for tags: FROM and --from= never reach it.
      const images = completeImage(text, position, options);
      if (images !== undefined) return images;
      const items = await service.computeCompletionItems(text, { ...position });
      return items.flatMap((item, index) => convertProposal(service.resolveCompletionItem(item), index));
    },
    hover: (text, position) => {
      const hover = service.computeHover(text, { ...position });
      return hover === null ? undefined : { markdown: hoverMarkdown(hover.contents), range: hover.range };
    },
    signature: (text, position) => convertSignature(service.computeSignatureHelp(text, { ...position })),
    format: (text, indentation) => service.format(text, { ...indentation }),
    formatOnType: (text, position, typed, indentation) => service.formatOnType(text, { ...position }, typed, { ...indentation }),
    // The library's types do not say that it answers null if there is no definition.
    definition: (text, position) => (service.computeDefinition(document, text, { ...position }) as { range: TextRange } | null)?.range,
    renameRange: (text, position) => service.prepareRename(text, { ...position }) ?? undefined,
    rename: (text, position, newName) => service.computeRename(document, text, { ...position }, newName),
  };
}

/** LSP's CompletionItemKind, the five that the library uses. */
const proposalKinds: Readonly<Record<number, Proposal['kind']>> = { 5: 'option', 6: 'variable', 14: 'keyword', 18: 'stage', 19: 'folder' };

function convertProposal(item: LibraryProposal, index: number): Proposal[] {
  const { textEdit, documentation } = item;
  if (textEdit === undefined || !('range' in textEdit)) return [];
  const markdown = typeof documentation === 'string' ? documentation : documentation?.value;
  return [
    {
      label: item.label,
      kind: proposalKinds[item.kind ?? 0] ?? 'keyword',
      newText: textEdit.newText,
      isSnippet: item.insertTextFormat === 2,
      range: textEdit.range,
      sortText: item.sortText ?? String(index).padStart(4, '0'),
      ...(markdown === undefined ? {} : { documentation: markdown }),
    },
  ];
}

function hoverMarkdown(contents: LibraryHover['contents']): string {
  const parts = Array.isArray(contents) ? contents : [contents];
  return parts.map(part => (typeof part === 'string' ? part : part.value)).join('\n\n');
}

function convertSignature(help: ReturnType<DockerfileLanguageService['computeSignatureHelp']>): SignatureText | undefined {
  if (help.signatures.length === 0) return undefined;
  return {
    activeSignature: help.activeSignature ?? 0,
    activeParameter: help.activeParameter ?? 0,
    signatures: help.signatures.map(({ label, documentation, parameters }) => ({
      label,
      documentation: plainText(documentation),
      parameters: (parameters ?? []).map(parameter => ({
        label: typeof parameter.label === 'string' ? parameter.label : label.slice(...parameter.label),
        documentation: plainText(parameter.documentation),
      })),
    })),
  };
}

function plainText(documentation: string | { value: string } | undefined): string {
  return typeof documentation === 'string' ? documentation : (documentation?.value ?? '');
}
