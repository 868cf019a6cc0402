import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Notice } from '../../../core/protocol/sandbox.ts';
import { Icon } from '../../ui/icons.tsx';
import { showNetwork } from '../../network/network-button.tsx';
import { showOffline } from '../../offline/offline-button.tsx';
import type { Session } from '../../session/session.ts';
import { memoryWords } from './memory-words.ts';

const WARNINGS: ReadonlySet<Notice['code']> = new Set(['cold-boot', 'nearest-image', 'no-internet']);

/** What the learner should know about the machine while the terminals stay in view. */
export function MachineBanners({ session }: { session: Session }): JSX.Element {
  const { machine, memory, store } = session;
  const state = machine.state.value;
  const restart = { label: 'Restart', run: () => void machine.start() };
  // While it starts, the button to retry is where the progress was.
  const notices = machine.notices.value.filter(notice => state.kind !== 'starting' || !notice.canRetry);
  const trouble = memory.trouble.value;
  const storageProblem = store.storageProblem.value;
  // It stays so for the whole visit: once read, its line is better used by the work.
  const [readProblem, setReadProblem] = useState<string>();
  return (
    <div class="banners">
      {state.kind === 'stopped' && <Banner kind="problem" text="The machine stopped. Your files are safe." actions={[restart]} />}
      {machine.isStalled.value && (
        <Banner kind="problem" text="The machine does not answer. It may be busy and come back; a restart keeps your files." actions={[restart]} />
      )}
      {notices.map(notice => (
        <Banner
          key={`${notice.code} ${notice.canRetry}`}
          kind={WARNINGS.has(notice.code) ? 'warning' : 'problem'}
          text={notice.message}
          actions={actionsFor(notice, session)}
          onDismiss={() => machine.dismissNotice(notice)}
        />
      ))}
      {trouble !== undefined && (
        <Banner
          kind={trouble.kind === 'killed' ? 'problem' : 'warning'}
          text={memoryWords(trouble, machine.status.value?.memoryTotalBytes ?? 0)}
          actions={[{ label: 'Show containers', run: () => session.showSidePane('containers') }]}
          onDismiss={() => memory.dismiss()}
        />
      )}
      {storageProblem !== undefined && storageProblem !== readProblem && (
        <Banner kind="warning" text={storageProblem} actions={[]} onDismiss={() => setReadProblem(storageProblem)} />
      )}
    </div>
  );
}

/** Named as in the machine's menu. */
function actionsFor({ code, canRetry }: Notice, session: Session): BannerProps['actions'] {
  if (canRetry) return [{ label: 'Retry', run: () => void session.machine.retry() }];
  if (code === 'no-internet' && session.network.isAllowed.value) return [{ label: 'Network…', run: () => void showNetwork(session) }];
  if (code === 'download-failed' && session.offline !== undefined) return [{ label: 'Without a network…', run: () => void showOffline(session) }];
  return [];
}

interface BannerProps {
  readonly kind: 'problem' | 'warning';
  readonly text: string;
  readonly actions: readonly { readonly label: string; run(): void }[];
  readonly onDismiss?: () => void;
}

function Banner({ kind, text, actions, onDismiss }: BannerProps): JSX.Element {
  return (
    <div class={`banner ${kind}`} role="alert">
      <Icon name="alert" />
      <span class="banner-text">{text}</span>
      {actions.map(action => (
        <button key={action.label} type="button" class="button quiet" onClick={() => action.run()}>
          {action.label}
        </button>
      ))}
      {onDismiss !== undefined && (
        <button type="button" class="button plain" aria-label="Dismiss" title="Dismiss" onClick={onDismiss}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
