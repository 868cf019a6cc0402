import type { ReadonlySignal } from '@preact/signals';
import type { Event } from '../../../core/base/events.ts';
import type { Engine } from '../machine/engine.ts';
import type { FileStorage } from '../workspace/file-storage.ts';
import type { Machine } from '../machine/machine.ts';
import type { Messages } from '../messages.ts';
import type { OpenFiles } from '../workspace/open-files.ts';
import type { FrameState } from '../preview/preview.ts';
import type { EnteredCommand } from '../machine/terminal-link.ts';
import type { WorkspaceStore } from '../workspace/workspace-store.ts';

/** What of the page a lesson works on and listens to. */
export interface LessonWorld {
  readonly store: WorkspaceStore;
  readonly openFiles: OpenFiles;
  readonly machine: Pick<Machine, 'run' | 'dial' | 'state' | 'ports' | 'onEngineNews' | 'isKept'>;
  readonly engine: Pick<Engine, 'client'>;
  /** What the browser pane shows. */
  readonly frame: ReadonlySignal<FrameState>;
  /** A command that was entered in any of the terminals has ended. */
  readonly onCommand: Event<EnteredCommand>;
  readonly messages: Pick<Messages, 'announce' | 'problem' | 'show'>;
  /** Resolves when the guest has the learner's files. */
  flush(): Promise<void>;
  /** Brings a pane of the side column to the front. */
  showSidePane(id: string): void;
  /** Where the files of a lesson are kept, by its key; undefined for the learner's own. */
  storageOf(key: string | undefined): FileStorage;
}
