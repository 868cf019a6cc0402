import type * as Monaco from 'monaco-editor/editor/editor.api';
import type { Finding, Severity, TextChange, TextPosition, TextRange } from './finding.ts';
import type { Proposal } from './proposal.ts';

/** Monaco's editor API as it is handed in; the page decides how much of Monaco it loads. */
export type MonacoApi = typeof Monaco;

/** Monaco counts from one, we from zero. */
export function toPosition({ lineNumber, column }: Monaco.IPosition): TextPosition {
  return { line: lineNumber - 1, character: column - 1 };
}

/** The same the other way round. */
export function toMonacoRange({ start, end }: TextRange): Monaco.IRange {
  return { startLineNumber: start.line + 1, startColumn: start.character + 1, endLineNumber: end.line + 1, endColumn: end.character + 1 };
}

/** Edits of one file. */
export function toTextEdits(changes: readonly TextChange[]): Monaco.languages.TextEdit[] {
  return changes.map(({ range, newText }) => ({ range: toMonacoRange(range), text: newText }));
}

/** Edits that carry their file, as code actions and renames want them. */
export function toWorkspaceEdit(model: Monaco.editor.ITextModel, changes: readonly TextChange[]): Monaco.languages.WorkspaceEdit {
  return { edits: toTextEdits(changes).map(textEdit => ({ resource: model.uri, versionId: model.getVersionId(), textEdit })) };
}

/** A finding as the squiggle or the dots under the text. */
export function toMarker({ MarkerSeverity }: MonacoApi, { source, id, severity, message, range }: Finding): Monaco.editor.IMarkerData {
  const severities: Readonly<Record<Severity, Monaco.MarkerSeverity>> = {
    error: MarkerSeverity.Error,
    warning: MarkerSeverity.Warning,
    info: MarkerSeverity.Info,
    hint: MarkerSeverity.Hint,
  };
  return { source: source === 'drydock' ? 'Drydock' : 'Docker', code: id, severity: severities[severity], message, ...toMonacoRange(range) };
}

/** An entry of the completion list. */
export function toCompletionItem({ languages }: MonacoApi, proposal: Proposal): Monaco.languages.CompletionItem {
  const { CompletionItemKind, CompletionItemInsertTextRule } = languages;
  const kinds: Readonly<Record<Proposal['kind'], Monaco.languages.CompletionItemKind>> = {
    image: CompletionItemKind.Module,
    stage: CompletionItemKind.Reference,
    keyword: CompletionItemKind.Keyword,
    variable: CompletionItemKind.Variable,
    folder: CompletionItemKind.Folder,
    option: CompletionItemKind.Field,
  };
  return {
    label: proposal.label,
    kind: kinds[proposal.kind],
    insertText: proposal.newText,
    range: toMonacoRange(proposal.range),
    sortText: proposal.sortText,
    ...(proposal.isSnippet ? { insertTextRules: CompletionItemInsertTextRule.InsertAsSnippet } : {}),
    ...(proposal.detail === undefined ? {} : { detail: proposal.detail }),
    ...(proposal.documentation === undefined ? {} : { documentation: { value: proposal.documentation } }),
  };
}
