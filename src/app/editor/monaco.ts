/**
 * Monaco, cut to what a teaching sandbox needs: the editor, the features a learner meets, and tokenizers alone for the
 * languages (no language server but our own). Imported dynamically: it is the page's largest part and not needed to start.
 */
import 'monaco-editor/features/bracketMatching/register.js';
import 'monaco-editor/features/caretOperations/register.js';
import 'monaco-editor/features/clipboard/register.js';
import 'monaco-editor/features/codeAction/register.js';
import 'monaco-editor/features/codicon/register.js';
import 'monaco-editor/features/comment/register.js';
import 'monaco-editor/features/contextmenu/register.js';
import 'monaco-editor/features/cursorUndo/register.js';
import 'monaco-editor/features/find/register.js';
import 'monaco-editor/features/folding/register.js';
import 'monaco-editor/features/format/register.js';
import 'monaco-editor/features/gotoError/register.js';
import 'monaco-editor/features/gotoSymbol/register.js';
import 'monaco-editor/features/hover/register.js';
import 'monaco-editor/features/indentation/register.js';
import 'monaco-editor/features/lineSelection/register.js';
import 'monaco-editor/features/linesOperations/register.js';
import 'monaco-editor/features/multicursor/register.js';
import 'monaco-editor/features/parameterHints/register.js';
import 'monaco-editor/features/quickCommand/register.js';
import 'monaco-editor/features/rename/register.js';
import 'monaco-editor/features/smartSelect/register.js';
import 'monaco-editor/features/snippet/register.js';
// The feature "suggest" of Monaco 0.57 registers all but the list itself.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js';
import 'monaco-editor/features/suggest/register.js';
import 'monaco-editor/features/tokenization/register.js';
import 'monaco-editor/features/unusualLineTerminators/register.js';
import 'monaco-editor/features/wordHighlighter/register.js';
import 'monaco-editor/features/wordOperations/register.js';
import 'monaco-editor/languages/definitions/css/register.js';
import 'monaco-editor/languages/definitions/dockerfile/register.js';
import 'monaco-editor/languages/definitions/html/register.js';
import 'monaco-editor/languages/definitions/javascript/register.js';
import 'monaco-editor/languages/definitions/markdown/register.js';
import 'monaco-editor/languages/definitions/python/register.js';
import 'monaco-editor/languages/definitions/shell/register.js';
import 'monaco-editor/languages/definitions/yaml/register.js';
import * as monaco from 'monaco-editor/editor/editor.api.js';
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker';

export { monaco };

declare global {
  // Monaco looks for this name; a module-scoped way does not exist.
  var MonacoEnvironment: monaco.Environment | undefined;
}

globalThis.MonacoEnvironment = { getWorker: () => new EditorWorker({ name: 'editor' }) };

// Monaco's own JSON comes with a language server of 100 KB; colours are enough here.
monaco.languages.register({ id: 'json', extensions: ['.json'] });
monaco.languages.setMonarchTokensProvider('json', {
  tokenizer: {
    root: [
      [/"(?:[^"\\]|\\.)*"(?=\s*:)/, 'type'],
      [/"(?:[^"\\]|\\.)*"/, 'string'],
      [/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, 'number'],
      [/\b(?:true|false|null)\b/, 'keyword'],
      [/[{}[\]]/, '@brackets'],
      [/[,:]/, 'delimiter'],
    ],
  },
});

/** The page's colours (ui/base.css) for the editor. */
const colours = {
  light: {
    background: '#fcfbf9',
    text: '#1b2631',
    muted: '#55616d',
    line: '#f1efe9',
    accent: '#a63d11',
    border: '#d3d0c6',
    selection: '#dfeafa',
    found: '#f8ebcb',
  },
  dark: {
    background: '#111922',
    text: '#dce5ed',
    muted: '#94a5b6',
    line: '#182230',
    accent: '#ff9a5c',
    border: '#2a3848',
    selection: '#1c3046',
    found: '#332a14',
  },
};
const transparent = '#00000000';

for (const [name, { accent, background, border, found, line, muted, selection, text }] of Object.entries(colours)) {
  const isLight = name === 'light';
  monaco.editor.defineTheme(`drydock-${name}`, {
    base: isLight ? 'vs' : 'vs-dark',
    inherit: true,
    rules: [
      { token: 'keyword', foreground: accent.slice(1), fontStyle: isLight ? 'bold' : '' },
      { token: 'comment', foreground: isLight ? '5f6b5f' : '8a9a8d', fontStyle: 'italic' },
      { token: 'string', foreground: isLight ? '1f6b3a' : '9bd6a5' },
      { token: 'number', foreground: isLight ? '1c5a94' : '8cc4f5' },
      { token: 'variable', foreground: isLight ? '1c5a94' : '8cc4f5' },
      { token: 'type', foreground: isLight ? '1c5a94' : '8cc4f5' },
    ],
    colors: {
      'editor.background': background,
      'editor.foreground': text,
      'editor.lineHighlightBackground': line,
      'editor.lineHighlightBorder': transparent,
      // Monaco's own backgrounds are so strong that the text on them is hard to read: if a border marks the text as well, there is no background.
      'editor.selectionBackground': selection,
      'editor.inactiveSelectionBackground': selection,
      'editor.selectionHighlightBackground': transparent,
      'editor.selectionHighlightBorder': muted,
      'editor.wordHighlightBackground': transparent,
      'editor.wordHighlightBorder': muted,
      'editor.wordHighlightStrongBackground': transparent,
      'editor.wordHighlightStrongBorder': muted,
      'editor.wordHighlightTextBackground': transparent,
      'editor.wordHighlightTextBorder': muted,
      'editor.findMatchBackground': found,
      'editor.findMatchBorder': accent,
      'editor.findMatchHighlightBackground': found,
      'editor.findMatchHighlightBorder': muted,
      'editorLineNumber.foreground': muted,
      'editorLineNumber.activeForeground': text,
      'editorCursor.foreground': accent,
      'editorWidget.background': background,
      'editorWidget.border': border,
      'editorHoverWidget.background': background,
      'editorHoverWidget.border': border,
      'editorSuggestWidget.background': background,
      'editorSuggestWidget.border': border,
      focusBorder: isLight ? '#1459c7' : '#7db4ff',
    },
  });
}
