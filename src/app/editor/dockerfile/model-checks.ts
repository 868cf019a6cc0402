import type * as Monaco from 'monaco-editor/editor/editor.api';
import type { Finding } from './finding.ts';
import { toMarker, type MonacoApi } from './monaco-conversions.ts';

/** The language id of all Dockerfiles. */
export const dockerfileLanguage = 'dockerfile';

const debounceMilliseconds = 200;

/** Which models are checked, and how. */
export interface ModelCheckOptions {
  /** Tells the markers of one kind of check from those of others. */
  readonly owner: string;
  isChecked(model: Monaco.editor.ITextModel): boolean;
  /** Undefined if there is no answer. */
  check(text: string): Promise<readonly Finding[] | undefined>;
}

/** Keeps the markers of all models of one kind up to date. */
export interface ModelChecks {
  /** The findings shown for a model, or none once its text has changed since. */
  findingsOf(model: Monaco.editor.ITextModel): readonly Finding[];
  refresh(): void;
  dispose(): void;
}

interface Watched {
  readonly listener: Monaco.IDisposable;
  timer: ReturnType<typeof setTimeout> | undefined;
  version: number;
  findings: readonly Finding[];
}

/** Watches every model that is to be checked, present and to come. */
export function createModelChecks(monaco: MonacoApi, { owner, isChecked, check }: ModelCheckOptions): ModelChecks {
  const watched = new Map<Monaco.editor.ITextModel, Watched>();

  const run = async (model: Monaco.editor.ITextModel, entry: Watched): Promise<void> => {
    const version = model.getVersionId();
    const findings = await check(model.getValue());
    // An answer to an older text would mark the wrong words; a newer check is on its way.
    if (watched.get(model) !== entry || model.isDisposed() || model.getVersionId() !== version) return;
    entry.version = version;
    // Without an answer no markers: old ones would speak about words that may be gone.
    entry.findings = findings ?? [];
    monaco.editor.setModelMarkers(
      model,
      owner,
      entry.findings.map(finding => toMarker(monaco, finding)),
    );
  };
  const schedule = (model: Monaco.editor.ITextModel, entry: Watched, delayMilliseconds: number): void => {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void run(model, entry), delayMilliseconds);
  };
  const forget = (model: Monaco.editor.ITextModel): void => {
    const entry = watched.get(model);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entry.listener.dispose();
    watched.delete(model);
    if (!model.isDisposed()) monaco.editor.setModelMarkers(model, owner, []);
  };
  const watch = (model: Monaco.editor.ITextModel): void => {
    if (!isChecked(model)) return forget(model);
    if (watched.has(model)) return;
    const entry: Watched = {
      listener: model.onDidChangeContent(() => schedule(model, entry, debounceMilliseconds)),
      timer: undefined,
      version: -1,
      findings: [],
    };
    watched.set(model, entry);
    schedule(model, entry, 0);
  };

  const listeners = [
    monaco.editor.onDidCreateModel(watch),
    monaco.editor.onDidChangeModelLanguage(({ model }) => watch(model)),
    monaco.editor.onWillDisposeModel(forget),
  ];
  for (const model of monaco.editor.getModels()) watch(model);

  return {
    findingsOf: model => {
      const entry = watched.get(model);
      return entry?.version === model.getVersionId() ? entry.findings : [];
    },
    refresh: () => {
      for (const [model, entry] of watched) schedule(model, entry, 0);
    },
    dispose: () => {
      for (const listener of listeners) listener.dispose();
      for (const model of watched.keys()) forget(model);
    },
  };
}
