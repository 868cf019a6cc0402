import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Transfer } from '../../core/protocol/sandbox.ts';
import { hostOf, type UpstreamSettings } from '../../core/upstream/upstream-settings.ts';
import { Icon } from '../ui/icons.tsx';
import type { LazyDialogProps } from '../ui/lazy-dialog.tsx';
import { Modal } from '../ui/modal.tsx';
import { formatBytes } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import './network.css';

/** Whether the sandbox reaches servers outside, which ones, and what was asked of them. */
export function NetworkDialog({ session, onClose }: LazyDialogProps<Session>): JSX.Element {
  const { network } = session;
  const problem = network.problem.value;
  return (
    <Modal title="Network" class="network" onClose={onClose}>
      <div class="modal-body">
        {problem !== undefined && (
          <p class="network-problem" role="alert">
            <Icon name="alert" /> <span>{problem}</span>
          </p>
        )}
        {network.isAllowed.value ? <Choice session={session} /> : <Sealed />}
        <Traffic transfers={network.transfers.value} />
        <Kept session={session} />
      </div>
    </Modal>
  );
}

function Sealed(): JSX.Element {
  return (
    <p>
      The sandbox has its own images and packages, and reaches no server outside. This site allows none. The people who run it can name some under{' '}
      <code>upstreams</code> in its <code>config.json</code>.
    </p>
  );
}

function Choice({ session }: { session: Session }): JSX.Element {
  const { network } = session;
  return (
    <>
      <p>
        The sandbox has its own images and packages, which need no network. With the network on, your browser fetches what they lack from these
        servers, and from no others:
      </p>
      <ul class="network-servers">
        {serversOf(network.settings.value).map(([host, what]) => (
          <li key={`${host} ${what}`}>
            <code>{host}</code>: {what}
          </li>
        ))}
      </ul>
      <p>They learn your internet address and the names of what you ask for, as they do when you use docker, pip or npm at home.</p>
      <label class="network-switch">
        <input type="checkbox" checked={network.isOpen.value} onChange={event => network.choose(event.currentTarget.checked)} />
        <span>Fetch what the sandbox lacks from these servers</span>
      </label>
    </>
  );
}

function serversOf({ debian, npm, pypi, registries }: UpstreamSettings): readonly (readonly [host: string, what: string])[] {
  return [
    ...registries.map(address => [hostOf(address), 'images of Docker Hub (docker pull)'] as const),
    ...(pypi === undefined ? [] : [[hostOf(pypi), 'Python packages (pip install)'] as const]),
    ...(npm === undefined ? [] : [[hostOf(npm), 'npm packages (npm install)'] as const]),
    ...(debian === undefined ? [] : [[hostOf(debian), 'Debian packages (apt-get install)'] as const]),
  ];
}

function Traffic({ transfers }: { transfers: readonly Transfer[] }): JSX.Element {
  return (
    <section aria-labelledby="network-traffic">
      <h3 id="network-traffic">What went out</h3>
      {transfers.length === 0 ? (
        <p class="quiet-text">Nothing since this page was opened.</p>
      ) : (
        <table class="network-traffic">
          <thead>
            <tr>
              <th scope="col">Server</th>
              <th scope="col">What</th>
              <th scope="col">How it went</th>
            </tr>
          </thead>
          <tbody>
            {transfers.map(transfer => (
              <tr key={transfer.id} class={transfer.state}>
                <td>{transfer.host}</td>
                <td>{transfer.what}</td>
                <td>{outcomeOf(transfer)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function outcomeOf({ message, receivedBytes, state, totalBytes }: Transfer): string {
  if (state === 'failed') return message ?? 'It failed.';
  if (state === 'done') return `${formatBytes(receivedBytes)} received`;
  return totalBytes === undefined ? `${formatBytes(receivedBytes)} so far` : `${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}`;
}

/** What came from outside is kept for the next time; the learner may have the room back. */
function Kept({ session }: { session: Session }): JSX.Element | null {
  const [bytes, setBytes] = useState<number>();
  const running = session.network.running.value.length;
  useEffect(() => {
    session.machine.keptBytes().then(setBytes, () => setBytes(undefined));
  }, [running]);
  if (bytes === undefined || bytes === 0) return null;
  const forget = async (): Promise<void> => {
    await session.machine.forgetKept();
    setBytes(0);
    session.messages.announce('What came from outside is forgotten.');
  };
  return (
    <p class="network-kept">
      <span>{formatBytes(bytes)} from outside are kept in this browser, so that they work without a network too.</span>
      <button type="button" class="button quiet" onClick={() => void forget()}>
        Forget them
      </button>
    </p>
  );
}
