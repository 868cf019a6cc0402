import type { JSX } from 'preact';
import { CourseButton } from '../../lesson/course-button.tsx';
import { ask } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { showKeys } from '../keys-dialog.tsx';
import { MenuButton, type MenuItem } from '../../ui/menu.tsx';
import { currentTheme } from '../../ui/theme.ts';
import { NetworkChip, showNetwork } from '../../network/network-button.tsx';
import { OfflineChip, showOffline } from '../../offline/offline-button.tsx';
import { formatBytes } from '../../session/format.ts';
import type { Session } from '../../session/session.ts';
import { SaveState, showSnapshots } from '../../snapshots/snapshots-button.tsx';

/** The line at the bottom: how the machine is, and the switches of the page. */
export function StatusBar({ session }: { session: Session }): JSX.Element {
  const { settings } = session;
  const theme = currentTheme(settings);
  const isTabFree = settings.tabMovesFocus.value;
  return (
    <footer class="status-bar" aria-label="Status">
      <CourseButton session={session} />
      <EngineState session={session} />
      <Resources session={session} />
      <SaveState session={session} />
      <OfflineChip session={session} />
      <NetworkChip session={session} />
      <span class="spread" />
      <button
        type="button"
        class="button plain"
        aria-pressed={isTabFree}
        title="Ctrl+M: whether Tab leaves the editor and the terminals, or is typed into them"
        onClick={() => (settings.tabMovesFocus.value = !isTabFree)}
      >
        <Icon name="tab" />
        <span class="status-label">Tab moves focus</span>
        <span class="wide-only" aria-hidden="true">
          {isTabFree ? 'on' : 'off'}
        </span>
      </button>
      <button
        type="button"
        class="button plain"
        aria-label={theme === 'dark' ? 'Use light colours' : 'Use dark colours'}
        title={theme === 'dark' ? 'Use light colours' : 'Use dark colours'}
        onClick={() => (settings.theme.value = theme === 'dark' ? 'light' : 'dark')}
      >
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </button>
      <MenuButton label="Machine and settings" text="Machine" icon="more" items={() => menuItems(session)} />
    </footer>
  );
}

function EngineState({ session }: { session: Session }): JSX.Element {
  const state = session.machine.state.value;
  const engine = session.machine.status.value?.engine ?? 'running';
  const [text, tone] =
    state.kind === 'running'
      ? engine === 'running'
        ? ['Docker running', 'good']
        : engine === 'starting'
          ? ['Docker starting', 'busy']
          : ['Docker stopped', 'bad']
      : state.kind === 'starting'
        ? ['Machine starting', 'busy']
        : state.kind === 'off'
          ? ['Machine off', 'idle']
          : ['Machine stopped', 'bad'];
  const cold = state.kind === 'running' && state.report.kind === 'cold' ? ` Booted from scratch: ${state.report.reason ?? ''}` : '';
  return (
    <span class="engine" title={`${text}.${cold}`}>
      <span class={`dot ${tone}`} aria-hidden="true" />
      {text}
    </span>
  );
}

function Resources({ session }: { session: Session }): JSX.Element | null {
  const status = session.machine.status.value;
  if (status === undefined || session.machine.state.value.kind !== 'running') return null;
  return (
    <>
      <Gauge label="Memory" total={status.memoryTotalBytes} available={status.memoryAvailableBytes} />
      <Gauge label="Disk" total={status.diskTotalBytes} available={status.diskAvailableBytes} />
    </>
  );
}

function Gauge({ label, total, available }: { label: string; total: number; available: number }): JSX.Element | null {
  if (total === 0) return null;
  const used = total - available;
  const isTight = available < total * 0.1;
  return (
    <span class={`gauge ${isTight ? 'tight' : ''}`} title={`${label}: ${formatBytes(used)} of ${formatBytes(total)} used`}>
      {label} <span class="gauge-value">{formatBytes(used)}</span>
      <span class="gauge-total"> of {formatBytes(total)}</span>
    </span>
  );
}

function menuItems(session: Session): readonly MenuItem[] {
  const { settings } = session;
  return [
    ...(session.machine.isKept ? [{ label: 'Snapshots…', run: () => void showSnapshots(session) }] : []),
    { label: 'Start a fresh machine…', run: () => void confirmRestart(session, 'fresh') },
    { label: 'Boot from the start…', run: () => void confirmRestart(session, 'boot') },
    { label: 'Reset files…', run: () => void confirmReset(session) },
    { label: 'Keys…', run: showKeys },
    { label: 'Network…', run: () => void showNetwork(session) },
    ...(session.offline === undefined ? [] : [{ label: 'Without a network…', run: () => void showOffline(session) }]),
    { label: 'Follow the system’s colours', checked: settings.theme.value === undefined, run: () => (settings.theme.value = undefined) },
    {
      label: 'Ctrl+V pastes in terminals',
      checked: settings.controlVPastes.value,
      run: () => (settings.controlVPastes.value = !settings.controlVPastes.value),
    },
    {
      label: 'Screen reader support in terminals',
      checked: settings.screenReader.value,
      run: () => (settings.screenReader.value = !settings.screenReader.value),
    },
  ];
}

async function confirmRestart(session: Session, startFrom: 'fresh' | 'boot'): Promise<void> {
  const coldBoot = startFrom === 'boot';
  const loss = 'Containers, the images you built and everything outside /workspace will be gone. Your files stay.';
  const answer = await ask({
    title: coldBoot ? 'Boot from the start?' : 'Start a fresh machine?',
    text: coldBoot ? `Linux boots as it would on a real PC, instead of waking from a saved state. That takes about a minute. ${loss}` : loss,
    confirm: coldBoot ? 'Boot' : 'Start fresh',
    isDangerous: true,
  });
  if (answer !== undefined) await session.machine.start(startFrom);
}

async function confirmReset(session: Session): Promise<void> {
  const isLesson = session.lessons.run.value !== undefined;
  const answer = await ask({
    title: 'Reset files?',
    text: `All files in the workspace are deleted, and ${isLesson ? 'those that the lesson begins with' : 'the two of your first visit'} come back. This cannot be undone.`,
    confirm: 'Reset files',
    isDangerous: true,
  });
  if (answer !== undefined) session.resetFiles();
}
