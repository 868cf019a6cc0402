import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import type { Session } from '../session/session.ts';
import type { LazyDialogProps } from '../ui/lazy-dialog.tsx';
import { Modal } from '../ui/modal.tsx';
import { formatBytes } from '../session/format.ts';
import { opensOffline, type Offline } from '../session/offline/offline.ts';
import { isWhole, type OfflineRow } from '../session/offline/offline-rows.ts';
import './offline.css';

/** What works without a network now, and the fetching of the rest. */
export function OfflineDialog({ session, onClose }: LazyDialogProps<Session>): JSX.Element | null {
  const offline = session.offline?.loaded.value;
  useEffect(() => void offline?.look(), []);
  if (offline === undefined) return null;
  const rows = offline.rows.value;
  const problem = offline.problem.value;
  return (
    <Modal title="Without a network" class="offline" onClose={onClose}>
      <div class="modal-body">
        {problem !== undefined && (
          <p class="offline-problem" role="alert">
            <Icon name="alert" /> <span>{problem}</span>
          </p>
        )}
        {rows === undefined ? problem === undefined && <p>Checking what is kept…</p> : <Content offline={offline} rows={rows} />}
      </div>
    </Modal>
  );
}

/** What is always kept, so that the page opens at all. */
function isBasic({ kind }: OfflineRow): boolean {
  return kind === 'page' || kind === 'course' || kind === 'start';
}

function Content({ offline, rows }: { offline: Offline; rows: readonly OfflineRow[] }): JSX.Element {
  const unfinished = offline.unfinished.value;
  // What was begun in an earlier visit is what is chosen now.
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(() => leftOutOf(rows, unfinished));
  const isBusy = offline.progress.value !== undefined;
  const chosen = isBusy ? rows.filter(({ id }) => unfinished.includes(id)) : rows.filter(row => isBasic(row) || !leftOut.has(row.id));
  // From what it is then: two quick clicks may come before the page is drawn anew.
  const toggle = (id: string): void =>
    setLeftOut(before => {
      const others = new Set(before);
      if (!others.delete(id)) others.add(id);
      return others;
    });
  return (
    <>
      <p>{summaryOf(offline, rows)}</p>
      <ul class="offline-rows">
        {rows.map(row => (
          <Row key={row.id} row={row} isChosen={chosen.includes(row)} isFixed={isBasic(row) || isBusy} toggle={() => toggle(row.id)} />
        ))}
      </ul>
      <Fetching offline={offline} rows={chosen} />
      <Room offline={offline} rows={rows} />
    </>
  );
}

/** Where nothing was begun: all but what few need and of which nothing was fetched whole, some images and Debian's packages, which are more than all the rest. */
function leftOutOf(rows: readonly OfflineRow[], unfinished: readonly string[]): ReadonlySet<string> {
  const isRare = (row: OfflineRow): boolean => row.isRare === true || row.kind === 'archive';
  const isOther = (row: OfflineRow): boolean => (unfinished.length === 0 ? isRare(row) && !isWhole(row) : !unfinished.includes(row.id));
  const others = rows.filter(isOther);
  return new Set(others.map(({ id }) => id));
}

function summaryOf(offline: Offline, rows: readonly OfflineRow[]): string {
  const now = offline.isOffline.value ? 'The site does not answer: this page uses what this browser keeps. ' : '';
  const updated = offline.isUpdated.value ? 'The site has a newer Drydock; you get it when you reload the page. ' : '';
  if (rows.every(isWhole)) return `${now}${updated}Everything is kept in this browser and works without a network.`;
  if (!opensOffline(rows)) return `${now}${updated}Without a network Drydock would not open yet: fetch at least the first three.`;
  return `${now}${updated}Without a network Drydock opens, starts and does what you have done before in this browser. For more, fetch the rest.`;
}

interface RowProps {
  readonly row: OfflineRow;
  readonly isChosen: boolean;
  readonly isFixed: boolean;
  toggle(): void;
}

function Row({ row, isChosen, isFixed, toggle }: RowProps): JSX.Element {
  const [name, about] = wordsOf(row);
  const id = `offline-${row.id.replace(/[^a-z0-9]/g, '-')}`;
  return (
    <li class={`offline-row ${isWhole(row) ? 'whole' : ''}`}>
      <input id={id} type="checkbox" checked={isChosen} disabled={isFixed} aria-describedby={`${id}-state`} onChange={toggle} />
      <label for={id}>
        <span class="offline-name">{name}</span>
        {about !== '' && <span class="offline-about">{about}</span>}
      </label>
      <span id={`${id}-state`} class="offline-state">
        {isWhole(row) && <Icon name="check" />}
        {stateOf(row)}
      </span>
    </li>
  );
}

function stateOf(row: OfflineRow): string {
  if (isWhole(row)) return `offline, ${formatBytes(row.bytes)}`;
  if (row.keptBytes === 0) return `not yet, ${formatBytes(row.bytes)}`;
  return `${formatBytes(row.keptBytes)} of ${formatBytes(row.bytes)}`;
}

function wordsOf({ kind, name }: OfflineRow): readonly [name: string, about: string] {
  if (kind === 'page') return ['The page', 'Editor, terminals, panes'];
  if (kind === 'course') return ['The lessons', 'Their text and files; what they pull and install is below'];
  if (kind === 'start') return ['The saved machine', 'Wakes up when the page opens'];
  if (kind === 'disk') return ['The machine’s whole disk', 'All programs, the images it begins with, and what "Boot from the start" needs'];
  if (kind === 'packages') return ['Python packages', 'What pip install finds'];
  if (kind === 'npm') return ['npm packages', 'What npm install finds'];
  if (kind === 'archive') return [`Packages of ${name}`, 'What apt-get install finds'];
  if (kind === 'lab') return ['The lab’s virtual machine', 'Lesson 10'];
  return [`docker pull ${name}`, ''];
}

function Fetching({ offline, rows }: { offline: Offline; rows: readonly OfflineRow[] }): JSX.Element {
  const progress = offline.progress.value;
  const failure = offline.failure.value;
  const missing = useMissing(offline, rows);
  if (progress !== undefined) {
    const { keptBytes, totalBytes } = progress;
    return (
      <div class="offline-fetching">
        <progress aria-label="Fetched for offline" value={totalBytes === 0 ? undefined : keptBytes} max={totalBytes || 1} />
        <p>
          <span>{totalBytes === 0 ? 'Checking what is missing…' : `${formatBytes(keptBytes)} of ${formatBytes(totalBytes)} kept and checked`}</span>
          <button type="button" class="button quiet" onClick={() => offline.pause()}>
            Pause
          </button>
        </p>
      </div>
    );
  }
  const isBegun = offline.unfinished.value.length > 0;
  return (
    <div class="offline-fetching">
      {failure !== undefined && (
        <p class="offline-problem" role="alert">
          <Icon name="alert" /> <span>{failure}</span>
        </p>
      )}
      <p>
        <span>{missing === 0 ? 'Nothing you chose is missing.' : missing === undefined ? '' : `${formatBytes(missing)} to fetch.`}</span>
        <button type="button" class="button solid" onClick={() => void offline.makeAvailable(rows.map(({ id }) => id))}>
          {isBegun ? 'Continue' : missing === 0 ? 'Check again' : 'Make available offline'}
        </button>
      </p>
    </div>
  );
}

/** How many bytes the chosen rows lack; what they have in common counts once. */
function useMissing(offline: Offline, rows: readonly OfflineRow[]): number | undefined {
  const [missing, setMissing] = useState<number>();
  const ids = rows.map(({ id }) => id).join('\n');
  useEffect(() => {
    let isWanted = true;
    const basics = rows.filter(({ kind }) => kind === 'page' || kind === 'course').reduce((sum, row) => sum + row.bytes - row.keptBytes, 0);
    void offline.amountOf(new Set(ids.split('\n'))).then(amount => {
      if (isWanted && amount !== undefined) setMissing(basics + amount.bytes - amount.keptBytes);
    });
    return () => {
      isWanted = false;
    };
  }, [ids, offline.rows.value]);
  return missing;
}

function Room({ offline, rows }: { offline: Offline; rows: readonly OfflineRow[] }): JSX.Element {
  const room = offline.room.value;
  const hasSomething = rows.some(({ keptBytes }) => keptBytes > 0);
  const remove = async (): Promise<void> => {
    const answer = await ask({
      title: 'Remove the offline files?',
      text: 'Drydock then needs a network again. Your files and your progress in the lessons stay.',
      confirm: 'Remove',
      isDangerous: true,
    });
    if (answer !== undefined) await offline.remove();
  };
  return (
    <div class="offline-room">
      <p>
        {room === undefined
          ? 'This browser does not say how much room it gives.'
          : `Kept for this site: ${formatBytes(room.usedBytes)}; this browser gives up to ${formatBytes(room.freeBytes)} more. `}
        {room !== undefined &&
          (room.isPersistent
            ? 'It has promised not to clear it by itself.'
            : 'When the disk gets full, the browser may clear it by itself. A private window forgets it when it is closed.')}
      </p>
      <button type="button" class="button quiet" disabled={!hasSomething} onClick={() => void remove()}>
        Remove offline files…
      </button>
    </div>
  );
}
