import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Exchange } from '../../core/preview/page-report.ts';
import { shownAddress } from '../../core/preview/preview-route.ts';
import { formatBytes } from '../session/format.ts';
import type { PageLog, ShownLine } from '../session/preview/page-log.ts';
import { Icon } from '../ui/icons.tsx';
import { TabList } from '../ui/tab-list.tsx';
import { useEndInSight } from '../ui/use-end-in-sight.ts';

const REQUESTS = { id: 'requests', name: 'Requests', panel: 'page-requests' };
const CONSOLE = { id: 'console', name: 'Console', panel: 'page-console' };

/** What the pages of containers asked for, and what they wrote to their console. */
export function PageTools({ log, onClose }: { log: PageLog; onClose: () => void }): JSX.Element {
  const [shown, setShown] = useState(REQUESTS.id);
  return (
    <section class="page-tools" aria-label="Requests and console">
      <div class="page-tools-bar">
        <TabList label="Requests and console" items={[REQUESTS, CONSOLE]} selected={shown} onSelect={setShown} />
        <span class="spread" />
        <button type="button" class="button plain" onClick={() => log.clear()}>
          Clear
        </button>
        <button type="button" class="button plain" aria-label="Close requests and console" title="Close requests and console" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {shown === REQUESTS.id ? <Requests exchanges={log.exchanges.value} /> : <Console lines={log.lines.value} />}
    </section>
  );
}

function Requests({ exchanges }: { exchanges: readonly Exchange[] }): JSX.Element {
  const [chosen, setChosen] = useState<string>();
  const exchange = exchanges.find(({ id }) => id === chosen);
  const end = useEndInSight<HTMLDivElement>(exchanges.length);
  return (
    <div {...end} id={REQUESTS.panel} role="tabpanel" aria-label={REQUESTS.name} class="page-tools-panel" tabIndex={0}>
      {exchanges.length === 0 && <p class="quiet-text">What pages of containers ask for appears here.</p>}
      {exchanges.length > 0 && (
        <table class="exchanges">
          <thead>
            <tr>
              <th scope="col">Request</th>
              <th scope="col">Status</th>
              <th scope="col">Time</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {exchanges.map(one => (
              <tr key={one.id} class={isBad(one) ? 'bad' : ''}>
                <td>
                  <button
                    type="button"
                    class="exchange"
                    aria-expanded={one.id === chosen}
                    onClick={() => setChosen(one.id === chosen ? undefined : one.id)}
                  >
                    {one.method} {shownAddress(one.route)}
                  </button>
                </td>
                <td>{statusOf(one)}</td>
                <td>{one.milliseconds} ms</td>
                <td>{formatBytes(one.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {exchange !== undefined && <Headers exchange={exchange} />}
    </div>
  );
}

function Headers({ exchange }: { exchange: Exchange }): JSX.Element {
  const { method, problem, received, route, sent } = exchange;
  return (
    <div class="exchange-headers">
      {problem !== undefined && <p>{problem}</p>}
      <HeaderTable title={`Sent: ${method} ${route.path}`} headers={sent} />
      {received.length > 0 && <HeaderTable title={`Received: ${statusOf(exchange)}`} headers={received} />}
    </div>
  );
}

function HeaderTable({ title, headers }: { title: string; headers: Exchange['sent'] }): JSX.Element {
  return (
    <table>
      <caption>{title}</caption>
      <tbody>
        {headers.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Console({ lines }: { lines: readonly ShownLine[] }): JSX.Element {
  const end = useEndInSight<HTMLDivElement>(lines);
  return (
    <div {...end} id={CONSOLE.panel} role="tabpanel" aria-label={CONSOLE.name} class="page-tools-panel" tabIndex={0}>
      {lines.length === 0 ? (
        <p class="quiet-text">What scripts of the pages write to their console appears here.</p>
      ) : (
        <ol class="console-lines">
          {lines.map(({ id, level, route, text }) => (
            <li key={id} class={`console-${level}`}>
              {level !== 'log' && <span class="console-level">{level}</span>}
              <span class="console-text">{text}</span>
              <span class="console-place">{shownAddress(route)}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function isBad({ state, status = 0 }: Exchange): boolean {
  return state === 'failed' || status >= 400;
}

function statusOf({ state, status }: Exchange): string {
  if (status === undefined) return 'failed';
  return state === 'failed' ? `${status}, broken off` : state === 'open' ? `${status}, under way` : String(status);
}
