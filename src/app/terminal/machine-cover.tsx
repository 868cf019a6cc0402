import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ErrorCode } from '../../core/base/errors.ts';
import type { BootProgress, BootStage } from '../../core/protocol/sandbox.ts';
import { Icon } from '../ui/icons.tsx';
import { formatBytes } from '../session/format.ts';
import type { MachineState } from '../session/machine/machine-run.ts';
import type { Session } from '../session/session.ts';

/** Covers the terminals while there is no machine to type into: it shows the progress, or why the machine does not come. */
export function MachineCover({ session }: { session: Session }): JSX.Element | null {
  const state = session.machine.state.value;
  if (state.kind === 'running' || state.kind === 'stopped' || state.kind === 'off') return null;
  return <div class="machine-cover">{state.kind === 'failed' ? <Failure session={session} failure={state} /> : <BootPanel session={session} />}</div>;
}

const stageNames: Readonly<Record<BootStage, string>> = {
  download: 'Downloading the machine',
  resume: 'Waking your machine up',
  restore: 'Waking the machine up',
  boot: 'Booting Linux',
  engine: 'Starting the Docker Engine',
  ready: 'Putting your files into the machine',
};
const stages = Object.keys(stageNames) as BootStage[];

function BootPanel({ session }: { session: Session }): JSX.Element {
  const { machine } = session;
  const seconds = useSeconds();
  const blocked = machine.notices.value.find(({ canRetry }) => canRetry);
  return blocked === undefined ? (
    <BootProgressPanel progress={machine.progress.value} seconds={seconds} canEdit={session.layout.hasEditor} />
  ) : (
    <div class="boot" role="alert">
      <h2 class="failed">
        <Icon name="alert" /> The machine waits
      </h2>
      <p>{blocked.message}</p>
      <button type="button" class="button solid" onClick={() => void machine.retry()}>
        Retry
      </button>
    </div>
  );
}

function BootProgressPanel(props: { progress: BootProgress | undefined; seconds: number; canEdit: boolean }): JSX.Element {
  const { progress, seconds } = props;
  const stage = progress?.stage ?? 'download';
  const hasBytes = progress !== undefined && progress.totalBytes > 0;
  const bytes = hasBytes ? `${formatBytes(progress.loadedBytes)} of ${formatBytes(progress.totalBytes)}` : '';
  // Without a value the bar shows that something goes on, not how far.
  const bar = hasBytes ? { value: progress.loadedBytes, max: progress.totalBytes } : {};
  return (
    <div class="boot">
      <h2>{stageNames[stage]}</h2>
      <progress aria-label={stageNames[stage]} {...bar} />
      <p class="boot-facts">
        <span>{bytes}</span>
        <span>
          step {stages.indexOf(stage) + 1} of {stages.length} · {seconds} s
        </span>
      </p>
      {progress !== undefined && <p class="boot-message">{progress.message}</p>}
      <p class="boot-hint">A small Linux PC with Docker is starting inside this page.{props.canEdit && ' You can already edit your files.'}</p>
      <p class="visually-hidden" role="status">
        {stageNames[stage]}
      </p>
    </div>
  );
}

/** Counted here: the worker is too busy in some stages to report every second. */
function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const started = performance.now();
    const timer = setInterval(() => setSeconds(Math.round((performance.now() - started) / 1000)), 500);
    return () => clearInterval(timer);
  }, []);
  return seconds;
}

/** What the learner can do, by what went wrong. */
const remedies: Partial<Record<ErrorCode, string>> = {
  'no-webassembly': 'Use a current Firefox, Chrome, Edge or Safari, and allow WebAssembly if you switched it off (Safari’s Lockdown Mode does).',
  'out-of-memory': 'The machine needs about 1 GB of free memory. Close other tabs and programs, then try again.',
  'download-failed': 'Check the connection, then try again. What has arrived is kept.',
  'download-damaged': 'A part of the machine arrived damaged, so it was not used. Try again; if it happens again, tell whoever runs this site.',
  'timed-out': 'This computer may be very busy. Close what you do not need, then try again.',
};

function Failure({ session, failure }: { session: Session; failure: MachineState & { kind: 'failed' } }): JSX.Element {
  return (
    <div class="boot" role="alert">
      <h2 class="failed">
        <Icon name="alert" /> The machine did not start
      </h2>
      <p>{failure.message}</p>
      <p>{remedies[failure.code] ?? 'Try again, or reload the page.'} Your files are safe.</p>
      <p>
        <button type="button" class="button solid" onClick={() => void session.machine.start()}>
          Try again
        </button>{' '}
        {session.machine.isKept && (
          <button type="button" class="button quiet" onClick={() => void session.machine.start('fresh')}>
            Start fresh
          </button>
        )}
      </p>
      {failure.detail !== '' && (
        <details>
          <summary>Details</summary>
          <pre>
            {failure.code}: {failure.detail}
          </pre>
        </details>
      )}
    </div>
  );
}
