import type * as Monaco from 'monaco-editor/editor/editor.api.js';
import { messageOf } from '../../core/base/errors.ts';
import { baseName, isWithin, type WorkspacePath } from '../../core/workspace/path.ts';
import type { Session } from '../session/session.ts';
import { readTextFile } from '../session/workspace/text-file.ts';

type Model = Monaco.editor.ITextModel;

/** One Monaco model per open text file, kept the same as the store both ways. */
export class EditorModels {
  readonly #monaco: typeof Monaco;
  readonly #session: Session;
  readonly #models = new Map<WorkspacePath, Model>();
  readonly #viewStates = new Map<WorkspacePath, Monaco.editor.ICodeEditorViewState | null>();
  #isApplying = false;

  constructor(monaco: typeof Monaco, session: Session) {
    this.#monaco = monaco;
    this.#session = session;
    session.store.onChange(({ change, origin }) => {
      if (change.kind === 'renamed') this.#rename(change.path, change.to);
      if (change.kind === 'written' && origin !== 'editor') this.#refresh(change.path);
    });
    session.openFiles.paths.subscribe(paths => this.#closeAllBut(paths));
  }

  /** The model of a text file, made when first asked for; undefined for what is not text. */
  modelOf(path: WorkspacePath): Model | undefined {
    const known = this.#models.get(path);
    if (known !== undefined) return known;
    const entry = this.#session.store.entries.get(path);
    const file = entry?.kind === 'file' ? readTextFile(entry) : undefined;
    if (file?.kind !== 'text') return undefined;
    const model = this.#monaco.editor.createModel(file.text, languageOf(path), this.#uriOf(path));
    this.#models.set(path, model);
    model.onDidChangeContent(() => this.#store(model));
    return model;
  }

  saveView(path: WorkspacePath, state: Monaco.editor.ICodeEditorViewState | null): void {
    this.#viewStates.set(path, state);
  }

  viewOf(path: WorkspacePath): Monaco.editor.ICodeEditorViewState | null {
    return this.#viewStates.get(path) ?? null;
  }

  #uriOf(path: WorkspacePath): Monaco.Uri {
    return this.#monaco.Uri.from({ scheme: 'file', path: `/workspace/${path}` });
  }

  #store(model: Model): void {
    if (this.#isApplying) return;
    const path = [...this.#models].find(([, other]) => other === model)?.[0];
    if (path === undefined) return;
    const { messages, store } = this.#session;
    try {
      store.write(path, new TextEncoder().encode(model.getValue(undefined, true)), { origin: 'editor' });
    } catch (error) {
      messages.problem(`Not saved. ${messageOf(error)}`);
    }
  }

  /** Takes over a text that the guest or another part of the page wrote; the editor can undo it. */
  #refresh(path: WorkspacePath): void {
    const model = this.#models.get(path);
    const entry = this.#session.store.entries.get(path);
    if (model === undefined || entry?.kind !== 'file') return;
    const file = readTextFile(entry);
    if (file.kind !== 'text') {
      this.#drop(path);
      return;
    }
    if (model.getValue(undefined, true) === file.text) return;
    this.#isApplying = true;
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text: file.text }], () => null);
    this.#isApplying = false;
  }

  #rename(path: WorkspacePath, to: WorkspacePath): void {
    for (const from of this.#models.keys()) {
      // A model's address and language are fixed: the file is opened again under its new name.
      if (isWithin(from, path)) this.#drop(from);
    }
    this.#refresh(to);
  }

  #closeAllBut(paths: readonly WorkspacePath[]): void {
    for (const path of this.#models.keys()) if (!paths.includes(path)) this.#drop(path);
  }

  #drop(path: WorkspacePath): void {
    const model = this.#models.get(path);
    this.#models.delete(path);
    this.#viewStates.delete(path);
    model?.dispose();
  }
}

const languages: Readonly<Record<string, string>> = {
  bash: 'shell',
  css: 'css',
  dockerfile: 'dockerfile',
  htm: 'html',
  html: 'html',
  js: 'javascript',
  json: 'json',
  md: 'markdown',
  mjs: 'javascript',
  py: 'python',
  sh: 'shell',
  yaml: 'yaml',
  yml: 'yaml',
};

/** Which colours a file gets, by its name. */
export function languageOf(path: WorkspacePath): string {
  const name = baseName(path).toLowerCase();
  // `Dockerfile`, `Dockerfile.dev`, `web.Dockerfile`, and the same of Podman.
  if (/^(?:dockerfile|containerfile)(?:\.|$)/.test(name)) return 'dockerfile';
  return languages[name.slice(name.lastIndexOf('.') + 1)] ?? 'plaintext';
}
