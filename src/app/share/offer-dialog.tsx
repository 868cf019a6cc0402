import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import { lookalikes } from '../../core/share/carried-files.ts';
import { compareFiles, type Comparison } from '../../core/share/compare-files.ts';
import { Modal } from '../ui/modal.tsx';
import { visibleName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { lessonOfShare } from '../session/shared-workspaces.ts';
import { download } from './archive-dialog.tsx';
import { amountOf, countOf, FileList } from './file-list.tsx';
import { readOffer, type Offer, type OfferSource } from './offer.ts';
import { choicesFor, takeOffer, type Choice } from './take-offer.ts';
import './share.css';

interface OfferDialogProps {
  readonly session: Session;
  readonly source: OfferSource;
  /** Puts a dropped archive into the workspace as it is. */
  readonly asFile: (() => void) | undefined;
  onClose(): void;
}

type OfferState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'ready'; readonly offer: Offer; readonly comparison: Comparison };

/** Shows what somebody's link or an archive contains, and asks what to do with it. Until then, its content is nowhere but here. */
export function OfferDialog({ asFile, onClose, session, source }: OfferDialogProps): JSX.Element {
  const [state, setState] = useState<OfferState>({ kind: 'reading' });
  useEffect(() => {
    let isCurrent = true;
    readOffer(source).then(
      offer => isCurrent && setState({ kind: 'ready', offer, comparison: compareFiles(session.store.entries, offer.files) }),
      (error: unknown) => isCurrent && setState({ kind: 'problem', message: messageOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [source]);
  const what = source.kind === 'link' ? 'this link' : visibleName(source.file.name);
  if (state.kind === 'ready') {
    return (
      <Modal title={source.kind === 'link' ? 'Open what this link holds?' : `Unpack ${what}?`} class="travel" onClose={onClose}>
        <OfferForm session={session} source={source} offer={state.offer} comparison={state.comparison} asFile={asFile} onClose={onClose} />
      </Modal>
    );
  }
  const isReading = state.kind === 'reading';
  const title = isReading ? `Reading ${what}…` : `${source.kind === 'link' ? 'This link' : what} cannot be used`;
  return (
    <Modal title={title} class="travel" onClose={onClose}>
      <div class="modal-body">
        {isReading ? <progress aria-label={title} /> : <p role="alert">{state.message}</p>}
        <div class="buttons">
          {asFile !== undefined && !isReading && (
            <button
              type="button"
              class="button quiet"
              onClick={() => {
                onClose();
                asFile();
              }}
            >
              Add it as a file, not unpacked
            </button>
          )}
          <button type="button" class="button solid" onClick={onClose}>
            {isReading ? 'Cancel' : 'Close'}
          </button>
        </div>
      </div>
    </Modal>
  );
}

interface OfferFormProps extends OfferDialogProps {
  readonly offer: Offer;
  readonly comparison: Comparison;
}

function OfferForm({ asFile, comparison, offer, onClose, session, source }: OfferFormProps): JSX.Element {
  const choices = choicesFor(session, offer, comparison, asFile !== undefined);
  const isForOwn = source.kind === 'link' || lessonOfShare(offer.lesson) !== undefined;
  const [choice, setChoice] = useState<Choice>(isForOwn || comparison.problem !== undefined ? 'own' : 'add');
  const [isBusy, setBusy] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    void takeOffer(session, offer, choice, asFile).finally(onClose);
  };
  return (
    <form class="modal-body" onSubmit={submit}>
      <p>Nothing in it runs by itself, and nothing changes before you choose.</p>
      <p class="travel-head">
        <strong>What is in it</strong> <span>{amountOf(offer.files)}</span>
      </p>
      <FileList
        label="Files in it"
        files={offer.files}
        after={path => <FateMark fate={choice === 'add' ? comparison.fates.get(path) : undefined} />}
      />
      <Notes session={session} offer={offer} />
      <fieldset class="travel-choices">
        <legend>What to do with it</legend>
        {choices.map(({ id, label, text, problem }) => (
          <label key={id} class="travel-choice">
            <input type="radio" name="choice" checked={choice === id} disabled={problem !== undefined} onChange={() => setChoice(id)} />
            <span>
              <strong>{label}</strong> {problem ?? text}
            </span>
          </label>
        ))}
      </fieldset>
      {isBusy && <progress aria-label="Opening" />}
      <div class="buttons">
        {choice === 'replace' && (
          <button type="button" class="button quiet travel-first" onClick={() => void download(session, 'zip')}>
            Download my files first
          </button>
        )}
        <button type="button" class="button quiet" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={`button solid ${choice === 'replace' ? 'danger' : ''}`} disabled={isBusy}>
          {choices.find(({ id }) => id === choice)?.confirm}
        </button>
      </div>
    </form>
  );
}

function FateMark({ fate }: { fate: string | undefined }): JSX.Element | null {
  const words: Readonly<Record<string, string>> = { replaced: 'replaces yours', same: 'same as yours', blocked: 'in the way of yours' };
  const text = fate === undefined ? undefined : words[fate];
  return text === undefined ? null : <span class={`travel-fate ${fate}`}>{text}</span>;
}

/** Reasons are read in full where there are few. */
const SHOWN_NOTES = 20;

function Notes({ offer, session }: { offer: Offer; session: Session }): JSX.Element | null {
  const { files, leftOut } = offer;
  const pairs = lookalikes(files.keys());
  const lesson = lessonNote(session, offer.lesson);
  const lines = [
    ...(lesson === undefined ? [] : [lesson]),
    ...pairs.map(([one, other]) => `${visibleName(one)} and ${visibleName(other)} differ only in capitals or accents: they are two files.`),
    ...leftOut.map(({ path, reason }) => `Left out: ${visibleName(path)}, ${reason}.`),
  ];
  if (lines.length === 0) return null;
  return (
    <ul class="travel-notes">
      {lines.slice(0, SHOWN_NOTES).map(line => (
        <li key={line}>{line}</li>
      ))}
      {lines.length > SHOWN_NOTES && <li>and {countOf(lines.length - SHOWN_NOTES)} more of this kind</li>}
    </ul>
  );
}

function lessonNote({ lessons }: Session, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const source = lessonOfShare(name);
  if (source === undefined) return 'It names a lesson that only its author’s browser has, so it opens without the lesson.';
  if (source.kind === 'address') {
    return `In a workspace of its own it opens with the lesson at ${source.url}, which is not part of this site: its commands run only after you have read and allowed them.`;
  }
  const title = lessons.course.entries.value?.find(({ id }) => id === name)?.title;
  return `In a workspace of its own it opens with the lesson “${title ?? name}” of this site.`;
}
