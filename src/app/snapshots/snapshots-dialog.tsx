import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { SnapshotInfo } from '../../core/protocol/sandbox.ts';
import { saveFile } from '../ui/save-file.ts';
import { ask } from '../ui/dialog.tsx';
import { FileButton } from '../ui/file-input.tsx';
import type { Session } from '../session/session.ts';
import type { LazyDialogProps } from '../ui/lazy-dialog.tsx';
import { Modal } from '../ui/modal.tsx';
import { formatBytes } from '../session/format.ts';
import { MAX_SNAPSHOT_NAME, Snapshots, type Shelf } from '../session/machine/snapshots.ts';
import { momentOf } from './moment.ts';
import './snapshots.css';

/** The saved machines: what the page keeps by itself, and what the learner has named. */
export function SnapshotsDialog({ session, onClose }: LazyDialogProps<Session>): JSX.Element {
  const [snapshots] = useState(() => new Snapshots(session.machine, session.messages));
  useEffect(() => void snapshots.load(), []);
  const shelf = snapshots.shelf.value;
  const restore = async (snapshot: SnapshotInfo): Promise<void> => {
    if (!(await confirmRestore(snapshot))) return;
    onClose();
    await session.machine.start({ snapshot: snapshot.id });
  };
  return (
    <Modal title="Snapshots of the machine" class="snapshots" onClose={onClose}>
      <div class="modal-body">
        <p>
          A snapshot is the whole machine: containers, images, running programs, terminals. This page saves the machine by itself, and continues from
          there when you come back. Workspace files are kept separately, and a snapshot does not change them.
        </p>
        {snapshots.problem.value !== undefined && (
          <p class="error" role="alert">
            {snapshots.problem.value}
          </p>
        )}
        <SaveForm snapshots={snapshots} isEnabled={shelf !== undefined && snapshots.busy.value === undefined} />
        <p class="snapshots-busy" role="status">
          {snapshots.busy.value ?? (shelf === undefined && snapshots.problem.value === undefined ? 'Reading the list…' : '')}
        </p>
        <Progress snapshots={snapshots} />
        {shelf !== undefined && <SnapshotRows shelf={shelf} snapshots={snapshots} restore={restore} />}
        <LoadButton snapshots={snapshots} isEnabled={shelf !== undefined && snapshots.busy.value === undefined} />
      </div>
    </Modal>
  );
}

/** How far a file is: a bar, since a status that changes all the time would be read out all the time. */
function Progress({ snapshots }: { snapshots: Snapshots }): JSX.Element | null {
  const progress = snapshots.progress.value;
  if (progress === undefined) return null;
  const { doneBytes, totalBytes } = progress;
  return (
    <div class="snapshots-progress">
      <progress aria-label={snapshots.busy.value} max={totalBytes} value={doneBytes} />
      {`${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`}
    </div>
  );
}

function SaveForm({ snapshots, isEnabled }: { snapshots: Snapshots; isEnabled: boolean }): JSX.Element {
  const [name, setName] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '') return;
    setName('');
    void snapshots.save(wanted);
  };
  return (
    <form class="snapshots-form" onSubmit={submit}>
      <label htmlFor="snapshot-name">Save the machine as it is now</label>
      <div class="snapshots-field">
        <input
          id="snapshot-name"
          type="text"
          placeholder="Name, like: before the experiment"
          maxLength={MAX_SNAPSHOT_NAME}
          autocomplete="off"
          value={name}
          onInput={event => setName(event.currentTarget.value)}
        />
        <button type="submit" class="button solid" disabled={!isEnabled || name.trim() === ''}>
          Save
        </button>
      </div>
    </form>
  );
}

function SnapshotRows(props: { shelf: Shelf; snapshots: Snapshots; restore(snapshot: SnapshotInfo): Promise<void> }): JSX.Element {
  const { shelf, snapshots, restore } = props;
  const { freeBytes, usedBytes } = shelf;
  const remove = async (snapshot: SnapshotInfo): Promise<void> => {
    if (await confirmRemove(snapshot)) await snapshots.remove(snapshot);
  };
  return (
    <>
      {shelf.snapshots.length === 0 && (
        <p class="snapshots-facts">Nothing is saved yet. The page saves when something has happened in the machine.</p>
      )}
      <ul class="snapshots-list">
        {shelf.snapshots.map(snapshot => (
          <li key={snapshot.id}>
            <div class="snapshots-text">
              <h3>{snapshot.name ?? 'Saved automatically'}</h3>
              <p class="snapshots-facts">
                {momentOf(snapshot.savedAt)} · {formatBytes(snapshot.bytes)}
                {snapshot.machine !== shelf.machine && ' · made by another version of this site: it cannot run here'}
              </p>
            </div>
            <button
              type="button"
              class="button quiet"
              aria-label={`Restore ${labelOf(snapshot)}`}
              disabled={snapshot.machine !== shelf.machine}
              onClick={() => void restore(snapshot)}
            >
              Restore
            </button>
            <button
              type="button"
              class="button quiet"
              aria-label={`Download ${labelOf(snapshot)}`}
              disabled={snapshots.busy.value !== undefined}
              onClick={() => void download(snapshots, snapshot)}
            >
              Download
            </button>
            {snapshot.name !== undefined && (
              <button type="button" class="button quiet" aria-label={`Delete ${labelOf(snapshot)}`} onClick={() => void remove(snapshot)}>
                Delete
              </button>
            )}
          </li>
        ))}
      </ul>
      <p class="snapshots-facts">
        All together {formatBytes(usedBytes)} in this browser: what is the same in two snapshots is stored once.
        {freeBytes !== undefined && ` There is room for ${formatBytes(freeBytes)} more.`}
      </p>
    </>
  );
}

async function download(snapshots: Snapshots, snapshot: SnapshotInfo): Promise<void> {
  const file = await snapshots.export(snapshot);
  const name = (snapshot.name ?? 'machine').replace(/[^\p{L}\p{N} _.-]/gu, '_');
  if (file !== undefined) saveFile(`${name}.drydock`, file);
}

/** A snapshot that was downloaded, here or elsewhere, comes back. */
function LoadButton({ snapshots, isEnabled }: { snapshots: Snapshots; isEnabled: boolean }): JSX.Element {
  return (
    <FileButton
      text="Load from a file…"
      label="File of a snapshot"
      accept=".drydock"
      isEnabled={isEnabled}
      onFile={file => void snapshots.import(file)}
    />
  );
}

function labelOf({ name }: SnapshotInfo): string {
  return name === undefined ? 'the automatic save' : `"${name}"`;
}

async function confirmRestore(snapshot: SnapshotInfo): Promise<boolean> {
  const answer = await ask({
    title: 'Restore this snapshot?',
    text: `The machine goes back to ${momentOf(snapshot.savedAt)}. Containers and images made since then will be gone, unless you save them under a name first. Your files stay as they are.`,
    confirm: 'Restore',
    isDangerous: true,
  });
  return answer !== undefined;
}

async function confirmRemove(snapshot: SnapshotInfo): Promise<boolean> {
  const answer = await ask({
    title: 'Delete this snapshot?',
    text: `${labelOf(snapshot)}, saved ${momentOf(snapshot.savedAt)}, will be gone for good.`,
    confirm: 'Delete',
    isDangerous: true,
  });
  return answer !== undefined;
}
