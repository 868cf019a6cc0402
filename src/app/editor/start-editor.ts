import { effect } from '@preact/signals';
import type { WorkspacePath } from '../../core/workspace/path.ts';
import { currentTheme } from '../ui/theme.ts';
import { visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import type { LintOptions } from './dockerfile/finding.ts';
import { EditorModels } from './editor-models.ts';

/** The running editor, as its pane uses it. */
export interface EditorHandle {
  show(path: WorkspacePath | undefined): void;
  canShow(path: WorkspacePath): boolean;
  focus(): void;
  /** Shows a line of the file in front and puts the cursor there; lines are counted from 1. */
  goToLine(line: number): void;
}

/** Loads Monaco into an element. The editor lives as long as the page. */
export async function startEditor(container: HTMLElement, session: Session): Promise<EditorHandle> {
  const [{ monaco }, { installDockerfileService }, { installComposeService }] = await Promise.all([
    import('./monaco.ts'),
    import('./dockerfile/dockerfile-service.ts'),
    import('./compose/compose-service.ts'),
  ]);
  const models = new EditorModels(monaco, session);
  const editor = monaco.editor.create(container, {
    formatOnType: true,
    model: null,
    automaticLayout: true,
    fontFamily: getComputedStyle(container).getPropertyValue('--mono'),
    fontSize: 14,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    renderLineHighlight: 'line',
    lineNumbersMinChars: 3,
    padding: { top: 8, bottom: 8 },
    fixedOverflowWidgets: true,
    overviewRulerBorder: false,
    tabSize: 4,
    // Learners who type a line and press Enter want a new line, whatever the list offers just then: the word before it must not change under
    // their hands ("Flask" to "flask"). Tab takes what is offered; the list says so.
    acceptSuggestionOnEnter: 'off',
    wordBasedSuggestions: 'off',
    suggest: { showStatusBar: true },
  });
  const images = (): LintOptions => ({
    imageReferences: session.engine.imageReferences.value,
    hubReferences: session.library.references.value,
    givesNearest: session.nearestImages.isOn.value,
  });
  const services = [installDockerfileService(monaco, { images }), installComposeService(monaco, { images })];
  effect(() => {
    // Read here, so that a change of any of them comes back here.
    images();
    for (const service of services) service.refresh();
  });
  effect(() => monaco.editor.setTheme(`drydock-${currentTheme(session.settings)}`));
  effect(() => {
    editor.updateOptions({ tabFocusMode: session.settings.tabMovesFocus.value });
  });
  let shown: WorkspacePath | undefined;
  return {
    show(path) {
      if (shown !== undefined && editor.getModel() !== null) models.saveView(shown, editor.saveViewState());
      shown = path;
      const model = path === undefined ? undefined : models.modelOf(path);
      editor.setModel(model ?? null);
      if (path === undefined || model === undefined) return;
      editor.restoreViewState(models.viewOf(path));
      editor.updateOptions({ ariaLabel: `${visibleName(path)}, editor. Ctrl+M lets Tab leave the editor.` });
    },
    canShow: path => models.modelOf(path) !== undefined,
    focus: () => editor.focus(),
    goToLine(line) {
      editor.setPosition({ lineNumber: line, column: 1 });
      editor.revealLineInCenterIfOutsideViewport(line);
      editor.focus();
    },
  };
}
