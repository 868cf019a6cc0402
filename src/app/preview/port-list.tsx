import type { JSX } from 'preact';
import type { OpenPort } from '../../core/preview/preview-call.ts';
import type { Preview } from '../session/preview/preview.ts';

/** What is published now; a click shows it. */
export function PortList({ preview }: { preview: Preview }): JSX.Element | null {
  const ports = preview.ports.value;
  const current = preview.frame.value.route?.port;
  if (ports.length === 0) return null;
  return (
    <ul class="port-list" aria-label="Published ports">
      {ports.map(port => (
        <li key={`${port.hostPort}/${port.protocol}`}>
          {port.protocol === 'tcp' ? (
            <button
              type="button"
              class="port"
              aria-current={port.hostPort === current ? 'page' : undefined}
              title={titleOf(port)}
              onClick={() => preview.open({ port: port.hostPort, path: '/' })}
            >
              <PortText port={port} />
            </button>
          ) : (
            <span class="port" title={`${titleOf(port)}. A browser speaks only TCP.`}>
              <PortText port={port} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function PortText({ port }: { port: OpenPort }): JSX.Element {
  return (
    <>
      <span class="port-address">localhost:{port.hostPort}</span>
      <span class="port-container">
        {port.container}
        {port.protocol === 'tcp' ? '' : ` · ${port.protocol}`}
      </span>
    </>
  );
}

function titleOf({ container, containerPort, image, protocol }: OpenPort): string {
  return `Port ${containerPort}/${protocol} of ${container} (${image})`;
}
