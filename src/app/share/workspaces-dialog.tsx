import type { JSX } from 'preact';
import { messageOf } from '../../core/base/errors.ts';
import { ask } from '../ui/dialog.tsx';
import { Modal } from '../ui/modal.tsx';
import { formatDuration } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import type { SharedWorkspace } from '../session/shared-workspaces.ts';
import { countOf } from './file-list.tsx';
import './share.css';

/** The workspaces that were opened from links and archives: to go back to one, or to be rid of it. */
export function WorkspacesDialog({ session, onClose }: { session: Session; onClose(): void }): JSX.Element {
  const { shared } = session;
  const list = shared.list.value;
  return (
    <Modal title="Workspaces from links and archives" class="travel" onClose={onClose}>
      <div class="modal-body">
        {list.length === 0 && <p>There are none.</p>}
        <ul class="travel-workspaces">
          {list.map(workspace => (
            <WorkspaceRow key={workspace.id} session={session} workspace={workspace} onClose={onClose} />
          ))}
        </ul>
        {shared.current.value !== undefined && (
          <div class="buttons">
            <button
              type="button"
              class="button solid"
              onClick={() => {
                onClose();
                void shared.leave();
              }}
            >
              Back to my files
            </button>
          </div>
        )}
      </div>
    </Modal>
  );
}

function WorkspaceRow({ onClose, session, workspace }: { session: Session; workspace: SharedWorkspace; onClose(): void }): JSX.Element {
  const { messages, shared } = session;
  const { fileCount, id, name, openedAt } = workspace;
  const isOpen = shared.current.value?.id === id;
  const open = (): void => {
    onClose();
    void shared.reopen(id).then(isThere => {
      if (!isThere) messages.problem('This browser no longer has those files: open the link or the archive again.');
    });
  };
  const remove = async (): Promise<void> => {
    const title = `Delete the workspace from ${name}?`;
    const answer = await ask({ title, text: 'Its files are deleted for good, with what you changed in them.', confirm: 'Delete', isDangerous: true });
    if (answer === undefined) return;
    try {
      await shared.forget(id);
      messages.announce(`Deleted the workspace from ${name}.`);
    } catch (error) {
      messages.problem(`It could not be deleted: ${messageOf(error)}`);
    }
  };
  return (
    <li>
      <span class="travel-path">
        {name}
        <span class="travel-facts">
          {countOf(fileCount)} at first, opened {formatDuration(Date.now() - openedAt)} ago{isOpen ? ', open now' : ''}
        </span>
      </span>
      <button type="button" class="button quiet" aria-label={`Open ${name}`} disabled={isOpen} onClick={open}>
        Open
      </button>
      <button type="button" class="button quiet" aria-label={`Delete ${name}…`} disabled={isOpen} onClick={() => void remove()}>
        Delete…
      </button>
    </li>
  );
}
