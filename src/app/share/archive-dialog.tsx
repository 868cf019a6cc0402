import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import { packArchive, type ArchiveKind } from '../../core/share/archive.ts';
import { saveFile } from '../ui/save-file.ts';
import { Modal } from '../ui/modal.tsx';
import { lessonParameter } from '../session/lesson/lesson-source.ts';
import type { Session } from '../session/session.ts';
import { amountOf } from './file-list.tsx';
import './share.css';

const kinds: readonly { readonly kind: ArchiveKind; readonly label: string; readonly text: string }[] = [
  { kind: 'zip', label: 'zip', text: 'opens on every system with a double click' },
  { kind: 'tar.gz', label: 'tar.gz', text: 'as on Linux: tar xzf workspace.tar.gz' },
  { kind: 'tar', label: 'tar', text: 'the same, not compressed' },
];

/** Packs the whole workspace for the learner's computer. */
export function ArchiveDialog({ session, onClose }: { session: Session; onClose(): void }): JSX.Element {
  const [kind, setKind] = useState<ArchiveKind>('zip');
  const [isPacking, setPacking] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    setPacking(true);
    void download(session, kind).then(onClose);
  };
  return (
    <Modal title="Download all files" class="travel" onClose={onClose}>
      <form class="modal-body" onSubmit={submit}>
        <p>{amountOf(session.store.entries)}, with their folders and what can be run. Dropped on this page, the archive can be unpacked again.</p>
        <fieldset class="travel-choices">
          <legend class="visually-hidden">Kind of archive</legend>
          {kinds.map(one => (
            <label key={one.kind} class="travel-choice">
              <input type="radio" name="kind" checked={kind === one.kind} onChange={() => setKind(one.kind)} />
              <span>
                <strong>{one.label}</strong> {one.text}
              </span>
            </label>
          ))}
        </fieldset>
        <p class="travel-note">
          The workspace keeps no dates: all files get today’s. Symbolic links made in the terminal exist only in the machine and are not in the
          archive.
        </p>
        {isPacking && <progress aria-label="Packing" />}
        <div class="buttons">
          <button type="button" class="button quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button solid" disabled={isPacking}>
            {isPacking ? 'Packing…' : 'Download'}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** Packs all that is in the workspace and gives it to the learner to save. Never rejects. */
export async function download(session: Session, kind: ArchiveKind): Promise<void> {
  const run = session.lessons.run.value;
  try {
    const lesson = run === undefined || run.source.kind === 'dropped' ? undefined : lessonParameter(run.source);
    saveFile(`workspace.${kind}`, await packArchive(kind, { files: new Map(session.store.entries), lesson }, Date.now()));
  } catch (error) {
    session.messages.problem(`The files could not be packed: ${messageOf(error)}`);
  }
}
