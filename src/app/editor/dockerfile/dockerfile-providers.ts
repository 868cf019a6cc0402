import type * as Monaco from 'monaco-editor/editor/editor.api';
import type { LintOptions } from './finding.ts';
import type { Indentation } from './language-support.ts';
import { dockerfileLanguage, type ModelChecks } from './model-checks.ts';
import { toCompletionItem, toMarker, toMonacoRange, toPosition, toTextEdits, toWorkspaceEdit, type MonacoApi } from './monaco-conversions.ts';
import type { WorkerClient } from './worker-client.ts';

/** What the providers need around them. */
export interface ProviderOptions {
  readonly client: WorkerClient;
  readonly checks: ModelChecks;
  images(): LintOptions;
}

/** Registers everything that Monaco asks for while one types. */
export function registerProviders(monaco: MonacoApi, options: ProviderOptions): Monaco.IDisposable[] {
  return [
    registerCompletion(monaco, options),
    registerQuickFixes(monaco, dockerfileLanguage, options.checks),
    ...registerReading(monaco, options),
    ...registerFormatting(monaco, options),
    registerRename(monaco, options),
  ];
}

function registerCompletion(monaco: MonacoApi, { client, images }: ProviderOptions): Monaco.IDisposable {
  return monaco.languages.registerCompletionItemProvider(dockerfileLanguage, {
    triggerCharacters: [' ', ':', '=', '/', '$', '-'],
    provideCompletionItems: async (model, position, context) => {
      const text = model.getValue();
      // In the middle of a sentence a blank calls for nothing; behind FROM it calls for an image.
      const isBlank = context.triggerCharacter === ' ';
      if (isBlank && !/^\s*FROM\s/i.test(model.getLineContent(position.lineNumber))) return { suggestions: [] };
      const proposals = await client.ask(support => support.complete(text, toPosition(position), images()));
      return { suggestions: (proposals ?? []).map(proposal => toCompletionItem(monaco, proposal)) };
    },
  });
}

/** Offers the fixes of what a check has found, in models of one language. */
export function registerQuickFixes(monaco: MonacoApi, language: string, checks: ModelChecks): Monaco.IDisposable {
  return monaco.languages.registerCodeActionProvider(
    language,
    {
      provideCodeActions: (model, range) => {
        const touched = checks.findingsOf(model).filter(finding => monaco.Range.areIntersectingOrTouching(toMonacoRange(finding.range), range));
        const actions = touched.flatMap(finding =>
          finding.fixes.map(({ title, changes }) => ({
            title,
            kind: 'quickfix',
            diagnostics: [toMarker(monaco, finding)],
            edit: toWorkspaceEdit(model, changes),
            isPreferred: finding.fixes.length === 1,
          })),
        );
        return { actions, dispose: () => undefined };
      },
    },
    { providedCodeActionKinds: ['quickfix'] },
  );
}

function registerReading(monaco: MonacoApi, { client }: ProviderOptions): Monaco.IDisposable[] {
  return [
    monaco.languages.registerHoverProvider(dockerfileLanguage, {
      provideHover: async (model, position) => {
        const text = model.getValue();
        const hover = await client.ask(support => support.hover(text, toPosition(position)));
        if (hover === undefined) return null;
        return { contents: [{ value: hover.markdown }], ...(hover.range === undefined ? {} : { range: toMonacoRange(hover.range) }) };
      },
    }),
    monaco.languages.registerSignatureHelpProvider(dockerfileLanguage, {
      signatureHelpTriggerCharacters: ['[', ',', '"'],
      provideSignatureHelp: async (model, position) => {
        const text = model.getValue();
        const signature = await client.ask(support => support.signature(text, toPosition(position)));
        if (signature === undefined) return null;
        const signatures = signature.signatures.map(one => ({ ...one, parameters: [...one.parameters] }));
        return { value: { ...signature, signatures }, dispose: () => undefined };
      },
    }),
    monaco.languages.registerDefinitionProvider(dockerfileLanguage, {
      provideDefinition: async (model, position) => {
        const text = model.getValue();
        const range = await client.ask(support => support.definition(text, toPosition(position)));
        return range === undefined ? null : { uri: model.uri, range: toMonacoRange(range) };
      },
    }),
  ];
}

function indentationOf({ tabSize, insertSpaces }: Monaco.languages.FormattingOptions): Indentation {
  return { tabSize, insertSpaces };
}

function registerFormatting(monaco: MonacoApi, { client }: ProviderOptions): Monaco.IDisposable[] {
  return [
    monaco.languages.registerDocumentFormattingEditProvider(dockerfileLanguage, {
      provideDocumentFormattingEdits: async (model, options) => {
        const text = model.getValue();
        return toTextEdits((await client.ask(support => support.format(text, indentationOf(options)))) ?? []);
      },
    }),
    monaco.languages.registerOnTypeFormattingEditProvider(dockerfileLanguage, {
      // The characters that may continue a line: the next one gets its indentation.
      autoFormatTriggerCharacters: ['\\', '`'],
      provideOnTypeFormattingEdits: async (model, position, typed, options) => {
        const text = model.getValue();
        const changes = await client.ask(support => support.formatOnType(text, toPosition(position), typed, indentationOf(options)));
        return toTextEdits(changes ?? []);
      },
    }),
  ];
}

function registerRename(monaco: MonacoApi, { client }: ProviderOptions): Monaco.IDisposable {
  return monaco.languages.registerRenameProvider(dockerfileLanguage, {
    resolveRenameLocation: async (model, position) => {
      const text = model.getValue();
      const found = await client.ask(support => support.renameRange(text, toPosition(position)));
      const range = toMonacoRange(found ?? { start: toPosition(position), end: toPosition(position) });
      if (found === undefined) return { range, text: '', rejectReason: 'Only stages and variables can be renamed.' };
      return { range, text: model.getValueInRange(range) };
    },
    provideRenameEdits: async (model, position, newName) => {
      const text = model.getValue();
      const changes = await client.ask(support => support.rename(text, toPosition(position), newName));
      return toWorkspaceEdit(model, changes ?? []);
    },
  });
}
