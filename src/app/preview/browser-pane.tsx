import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { parseTyped, previewUrl, shownAddress } from '../../core/preview/preview-route.ts';
import type { Session } from '../session/session.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import type { Preview } from '../session/preview/preview.ts';
import { lazyPane } from '../ui/lazy-pane.tsx';
import { MenuButton } from '../ui/menu.tsx';
import { FRAME_SANDBOX, PageFrame } from './page-frame.ts';
import { PortList } from './port-list.tsx';
import { BridgedFrame } from './second-origin/bridged-frame.ts';

// Most learners never open it: its code is loaded when somebody does.
const PageTools = lazyPane('the requests and the console', async () => (await import('./page-tools.tsx')).PageTools);

/** A browser for what containers publish: their ports, an address bar, and the page. */
export function BrowserPane({ session, isShown }: { session: Session; isShown: boolean }): JSX.Element {
  const { preview } = session;
  const [frameProblem, setFrameProblem] = useState<string>();
  const [width, setWidth] = useState<PageWidth>('full');
  const [areToolsOpen, setToolsOpen] = useState(false);
  useEffect(() => {
    if (isShown) void preview.prepare();
  }, [isShown]);
  const problem = preview.problem.value ?? frameProblem;
  const { kind } = preview.frame.value;
  return (
    <>
      <Tools preview={preview} width={width} onWidth={setWidth} areToolsOpen={areToolsOpen} onTools={() => setToolsOpen(!areToolsOpen)} />
      <PortList preview={preview} />
      {kind === 'outside' && (
        <p class="browser-note" role="status">
          The page below comes from outside the sandbox.
        </p>
      )}
      <div class={`browser-view ${width}`}>
        {problem === undefined ? <Frame preview={preview} onProblem={setFrameProblem} /> : <Problem text={problem} />}
        {problem === undefined && kind === 'blank' && <Welcome preview={preview} />}
      </div>
      {areToolsOpen && <PageTools log={preview.log} onClose={() => setToolsOpen(false)} />}
    </>
  );
}

/** How wide the page is shown: as the pane is, or as on a device. */
type PageWidth = 'full' | 'phone' | 'tablet';

const WIDTHS: readonly (readonly [width: PageWidth, label: string])[] = [
  ['full', 'As wide as the pane'],
  ['phone', 'Phone: 390 pixels'],
  ['tablet', 'Tablet: 768 pixels'],
];

interface ToolsProps {
  readonly preview: Preview;
  readonly width: PageWidth;
  readonly areToolsOpen: boolean;
  onWidth(width: PageWidth): void;
  onTools(): void;
}

function Tools({ preview, areToolsOpen, width, onTools, onWidth }: ToolsProps): JSX.Element {
  const { canGoBack, canGoForward, isLoading, kind, route } = preview.frame.value;
  const site = preview.site.value?.url;
  const openTab = (): void => {
    if (site !== undefined && route !== undefined) open(previewUrl(site, route), '_blank', 'noopener');
  };
  return (
    <div class="browser-tools">
      <Tool label="Back" icon="back" isDisabled={!canGoBack} run={() => preview.back()} />
      <Tool label="Forward" icon="forward" isDisabled={!canGoForward} run={() => preview.forward()} />
      <Tool label="Reload" icon="reload" isDisabled={kind === 'blank'} run={() => preview.reload()} />
      <AddressBar preview={preview} />
      <MenuButton
        label="Width of the page"
        icon="width"
        items={() => WIDTHS.map(([one, label]) => ({ label, checked: one === width, run: () => onWidth(one) }))}
      />
      <button
        type="button"
        class="button plain"
        aria-label="Requests and console"
        title="Requests and console"
        aria-expanded={areToolsOpen}
        onClick={onTools}
      >
        <Icon name="list" />
      </button>
      {preview.opensTabs && <Tool label="Open in new tab" icon="external" isDisabled={route === undefined} run={openTab} />}
      <progress class="browser-progress" aria-label="Loading the page" hidden={!isLoading} />
    </div>
  );
}

function Tool(props: { label: string; icon: IconName; isDisabled: boolean; run: () => void }): JSX.Element {
  return (
    <button type="button" class="button plain" aria-label={props.label} title={props.label} disabled={props.isDisabled} onClick={props.run}>
      <Icon name={props.icon} />
    </button>
  );
}

function AddressBar({ preview }: { preview: Preview }): JSX.Element {
  const { address } = preview.frame.value;
  // Undefined while nothing is being typed: the bar then says where the frame is.
  const [draft, setDraft] = useState<string>();
  const [isWrong, setWrong] = useState(false);
  useEffect(() => setDraft(undefined), [address]);
  const submit = (event: Event): void => {
    event.preventDefault();
    const route = parseTyped(draft ?? address);
    setWrong(route === undefined);
    if (route === undefined) return;
    setDraft(shownAddress(route));
    preview.open(route);
  };
  return (
    <form class="address-form" onSubmit={submit}>
      <input
        class="address"
        type="text"
        inputMode="url"
        aria-label="Address"
        aria-invalid={isWrong}
        aria-describedby={isWrong ? 'address-problem' : undefined}
        placeholder="localhost:8888"
        spellcheck={false}
        autocomplete="off"
        value={draft ?? address}
        onFocus={event => event.currentTarget.select()}
        onInput={event => {
          setDraft(event.currentTarget.value);
          setWrong(false);
        }}
        onKeyDown={event => {
          if (event.key !== 'Escape') return;
          setDraft(undefined);
          setWrong(false);
        }}
      />
      {isWrong && (
        <p id="address-problem" class="address-problem" role="alert">
          This shows ports of the sandbox: type one, like localhost:8888. There is no internet in here.
        </p>
      )}
    </form>
  );
}

/** The frame stays as long as the pane: taken out of the page it would forget what it shows. */
function Frame({ preview, onProblem }: { preview: Preview; onProblem: (text: string) => void }): JSX.Element | null {
  const frame = useRef<HTMLIFrameElement>(null);
  const site = preview.site.value;
  const { address, kind } = preview.frame.value;
  useEffect(() => {
    if (site === undefined || frame.current === null) return;
    const control = site.isSecondOrigin
      ? new BridgedFrame(frame.current, site.url, preview, onProblem)
      : new PageFrame(frame.current, site.url, preview.onState);
    preview.attach(control);
    return () => control.dispose();
  }, [site]);
  // Not before it is known whose pages it shows: a sandbox that is taken off again would stay as the strictest one.
  if (site === undefined) return null;
  const sandbox = site.isSecondOrigin ? {} : { sandbox: FRAME_SANDBOX };
  return <iframe ref={frame} class="browser-frame" title={kind === 'page' ? `Page at ${address}` : 'Page'} hidden={kind === 'blank'} {...sandbox} />;
}

function Welcome({ preview }: { preview: Preview }): JSX.Element {
  if (preview.frame.value.isLoading) return <div class="browser-welcome" />;
  const hasPorts = preview.ports.value.length > 0;
  return (
    <div class="browser-welcome">
      {hasPorts ? (
        <p>Choose a port above to see what its container answers.</p>
      ) : (
        <>
          <p>Nothing is published yet. A container’s port appears here by itself when it is published:</p>
          <pre>docker run -p 8888:5000 IMAGE</pre>
          <p>Port 5000 of the container is then localhost:8888.</p>
        </>
      )}
    </div>
  );
}

function Problem({ text }: { text: string }): JSX.Element {
  return (
    <div class="browser-welcome" role="alert">
      <p>{text}</p>
    </div>
  );
}
