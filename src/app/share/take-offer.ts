import { messageOf } from '../../core/base/errors.ts';
import type { Comparison } from '../../core/share/compare-files.ts';
import { formatDuration } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { lessonOfShare } from '../session/shared-workspaces.ts';
import { countOf } from './file-list.tsx';
import type { Offer } from './offer.ts';
import { toggleLast } from './share-menu.ts';

/** What can be done with an offer: `again` makes a second workspace where there is one from the same already. */
export type Choice = 'own' | 'again' | 'add' | 'replace' | 'file';

/** One line of the dialog. */
export interface ChoiceText {
  readonly id: Choice;
  readonly label: string;
  readonly text: string;
  /** What the button says. */
  readonly confirm: string;
  /** Why it cannot be done; undefined where it can. */
  readonly problem?: string | undefined;
}

/** The choices that there are, the harmless ones first. */
export function choicesFor(session: Session, offer: Offer, comparison: Comparison, isFile: boolean): readonly ChoiceText[] {
  const known = session.shared.find(offer.id);
  const { counts, problem } = comparison;
  const own: ChoiceText[] =
    known === undefined
      ? [
          {
            id: 'own',
            label: 'In a workspace of its own.',
            text: 'Your files stay as they are, and you can go back to them at any time.',
            confirm: 'Open',
          },
        ]
      : [
          {
            id: 'own',
            label: 'In its workspace, as you left it.',
            text: `You first opened it ${formatDuration(Date.now() - known.openedAt)} ago.`,
            confirm: 'Open',
          },
          { id: 'again', label: 'In a new workspace.', text: 'With the files as they came; your earlier workspace is kept too.', confirm: 'Open' },
        ];
  const added = [
    counts.new > 0 ? `${counts.new} new` : 'Nothing new',
    ...(counts.replaced > 0 ? [`${counts.replaced} in place of yours`] : []),
    ...(counts.same > 0 ? [`${counts.same} the same as yours`] : []),
  ].join(', ');
  const mine = [...session.store.entries.values()].filter(({ kind }) => kind === 'file').length;
  return [
    ...own,
    { id: 'add', label: 'Added to the files here.', text: `${added}. Can be undone.`, confirm: 'Add', problem },
    {
      id: 'replace',
      label: 'In place of the files here.',
      text: `${countOf(mine)} of yours will be gone. Can be undone.`,
      confirm: 'Replace my files',
    },
    ...(isFile ? [{ id: 'file', label: 'As one file, not unpacked.', text: '', confirm: 'Add the file' } as const] : []),
  ];
}

/** Does what the learner has chosen; says what was done, or why it could not be. Never rejects. */
export async function takeOffer(session: Session, offer: Offer, choice: Choice, asFile: (() => void) | undefined): Promise<void> {
  try {
    if (choice === 'file') asFile?.();
    else if (choice === 'add' || choice === 'replace') change(session, offer, choice);
    else await open(session, offer, choice);
  } catch (error) {
    session.messages.problem(messageOf(error));
  }
}

async function open({ shared }: Session, { files, id, lesson, name }: Offer, choice: 'own' | 'again'): Promise<void> {
  if (choice === 'own' && (await shared.reopen(id))) return;
  const workspace = {
    id: choice === 'again' ? shared.freshId(id) : id,
    name,
    ...(lessonOfShare(lesson) !== undefined && lesson !== undefined && { lesson }),
  };
  await shared.open(workspace, files);
}

function change(session: Session, { files, name }: Offer, choice: 'add' | 'replace'): void {
  const { bulkChange, messages } = session;
  const count = [...files.values()].filter(({ kind }) => kind === 'file').length;
  if (choice === 'add') bulkChange.add(`adding ${name}`, files);
  else bulkChange.replaceAll(`replacing your files by ${name}`, files);
  const text = choice === 'add' ? `Added ${countOf(count)} of ${name}.` : `Your files were replaced by ${name}.`;
  messages.show(text, { action: { label: 'Undo', run: () => toggleLast(session) } });
}
