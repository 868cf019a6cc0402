import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import { packArchive } from '../../core/share/archive.ts';
import type { CarriedFiles } from '../../core/share/carried-files.ts';
import { LONGEST_LINK, packShare, SAFE_LINK } from '../../core/share/share-link.ts';
import { saveFile } from '../ui/save-file.ts';
import { Modal } from '../ui/modal.tsx';
import { lessonParameter } from '../session/lesson/lesson-source.ts';
import type { Session } from '../session/session.ts';
import { amountOf, FileList, rowsOf } from './file-list.tsx';
import './share.css';

interface ShareDialogProps {
  readonly session: Session;
  onClose(): void;
}

/** Makes a link of the workspace: what goes into it, the link, and the way out where it would be too long. */
export function ShareDialog({ session, onClose }: ShareDialogProps): JSX.Element {
  const [all] = useState<CarriedFiles>(() => new Map(session.store.entries));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const run = session.lessons.run.value;
  const lesson = run === undefined ? undefined : shareableLesson(run.source);
  const [isLessonIn, setLessonIn] = useState(true);
  const shared = useMemo(() => ({ files: chosen(all, left), lesson: isLessonIn ? lesson : undefined }), [all, left, isLessonIn, lesson]);
  const toggle = (path: string, isIn: boolean): void => setLeft(new Set(isIn ? [...left].filter(other => other !== path) : [...left, path]));
  const download = (): void => {
    packArchive('zip', shared, Date.now()).then(
      bytes => saveFile('shared-files.zip', bytes),
      (error: unknown) => session.messages.problem(`The files could not be packed: ${messageOf(error)}`),
    );
  };
  return (
    <Modal title="Share your files" class="travel" onClose={onClose}>
      <div class="modal-body">
        <p>
          The files are in the link itself: they go to no server, and what you change later does not reach it. People who open the link see what is in
          it and decide; nothing runs by itself.
        </p>
        <p class="travel-head">
          <strong>What goes into it</strong> <span>{amountOf(shared.files)}</span>
        </p>
        <FileList
          label="Files to share"
          files={all}
          before={(path, id) => (
            <input id={id} type="checkbox" checked={!left.has(path)} onChange={event => toggle(path, event.currentTarget.checked)} />
          )}
        />
        <p class="travel-note">Look for passwords and keys before you share. Symbolic links made in the terminal are not among the files.</p>
        {run !== undefined && (
          <LessonChoice title={run.lesson.value.frontMatter.title} isShareable={lesson !== undefined} isIn={isLessonIn} setIn={setLessonIn} />
        )}
        <LinkPart session={session} shared={shared} download={download} />
      </div>
    </Modal>
  );
}

function LessonChoice(props: { title: string; isShareable: boolean; isIn: boolean; setIn: (isIn: boolean) => void }): JSX.Element {
  if (!props.isShareable) {
    return <p class="travel-note">The lesson “{props.title}” is not in it: it is on your computer only. Its files go without it.</p>;
  }
  return (
    <label class="travel-choice">
      <input type="checkbox" checked={props.isIn} onChange={event => props.setIn(event.currentTarget.checked)} />
      Open them in the lesson “{props.title}”
    </label>
  );
}

type LinkState =
  { readonly kind: 'making' } | { readonly kind: 'link'; readonly url: string } | { readonly kind: 'failed'; readonly message: string };

function LinkPart(props: { session: Session; shared: { files: CarriedFiles; lesson: string | undefined }; download: () => void }): JSX.Element {
  const { download, session, shared } = props;
  const [state, setState] = useState<LinkState>({ kind: 'making' });
  const [copied, setCopied] = useState('');
  useEffect(() => {
    let isCurrent = true;
    setState({ kind: 'making' });
    setCopied('');
    linkTo(shared).then(
      next => isCurrent && setState(next),
      (error: unknown) => isCurrent && setState({ kind: 'failed', message: messageOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [shared]);
  const copy = (url: string): void => {
    navigator.clipboard.writeText(url).then(
      () => setCopied('Copied.'),
      () => setCopied('The browser does not let the page copy: select the link and press Ctrl+C.'),
    );
  };
  return (
    <>
      {state.kind === 'link' && (
        <label>
          Link
          <input class="travel-link" type="text" readOnly value={state.url} onFocus={event => event.currentTarget.select()} />
        </label>
      )}
      <p class={state.kind === 'failed' ? 'travel-problem' : 'travel-note'} role="status">
        {state.kind === 'making' ? 'Making the link…' : state.kind === 'failed' ? state.message : `${lengthNote(state.url)} ${copied}`}
      </p>
      <div class="buttons">
        <button
          type="button"
          class={`button ${state.kind === 'failed' ? 'solid' : 'quiet'}`}
          onClick={download}
          disabled={session.store.entries.size === 0}
        >
          Download as zip
        </button>
        <button type="button" class="button solid" disabled={state.kind !== 'link'} onClick={() => state.kind === 'link' && copy(state.url)}>
          Copy link
        </button>
      </div>
    </>
  );
}

async function linkTo(shared: { files: CarriedFiles; lesson: string | undefined }): Promise<LinkState> {
  if (shared.files.size === 0) return { kind: 'failed', message: 'There is nothing to share: choose a file.' };
  const fragment = await packShare(shared);
  const url = `${location.origin}${location.pathname}#${fragment}`;
  if (fragment !== undefined && url.length <= LONGEST_LINK) return { kind: 'link', url };
  const length = fragment === undefined ? 'far more' : count(url.length);
  const message =
    `These files are too much for a link: it can have ${count(LONGEST_LINK)} characters and would have ${length}. Leave some out, or download them as a ` +
    'zip: anyone who drops the zip on this page gets the same offer.';
  return { kind: 'failed', message };
}

function lengthNote({ length }: string): string {
  if (length <= SAFE_LINK) return `${count(length)} characters: short enough for every program.`;
  return (
    `${count(length)} characters: every browser opens it, but some chat and mail programs cut links of more than ${count(SAFE_LINK)}. ` +
    'A cut link says so when it is opened.'
  );
}

function count(number: number): string {
  return number.toLocaleString('en');
}

/** The parts of the workspace that were not left out; folders come with their content. */
function chosen(all: CarriedFiles, left: ReadonlySet<string>): CarriedFiles {
  return new Map(rowsOf(all).filter(([path]) => !left.has(path)));
}

function shareableLesson(source: Parameters<typeof lessonParameter>[0]): string | undefined {
  return source.kind === 'course' || source.kind === 'address' ? lessonParameter(source) : undefined;
}
