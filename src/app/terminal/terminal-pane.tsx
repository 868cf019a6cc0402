import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import { ask } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { TabList } from '../ui/tab-list.tsx';
import type { Session } from '../session/session.ts';
import { MachineCover } from './machine-cover.tsx';
import { askAboutLines } from './ask-about-lines.ts';
import { TerminalWidget } from './terminal-widget.ts';
import { TerminalSearch } from './terminal-search.tsx';

/** How long a tab shows that the bell was rung. */
const BELL_MILLISECONDS = 4000;

/** The terminals with their tabs and tools, and over them whatever there is to say about the machine. */
export function TerminalPane({ session, isWanted }: { session: Session; isWanted: boolean }): JSX.Element {
  const widgets = useRef<(TerminalWidget | undefined)[]>([]);
  const [isSearching, setSearching] = useState(false);
  const [ringing, setRinging] = useState<ReadonlySet<number>>(new Set());
  const ring = (index: number): void => {
    setRinging(known => new Set([...known, index]));
    setTimeout(() => setRinging(known => new Set([...known].filter(one => one !== index))), BELL_MILLISECONDS);
  };
  const active = session.activeTerminal.value;
  const widget = (): TerminalWidget | undefined => widgets.current[session.activeTerminal.value];
  const items = session.terminals.map((_, index) => ({
    id: String(index),
    name: `Terminal ${index + 1}`,
    panel: `terminal-panel-${index}`,
    after: ringing.has(index) && <Bell />,
  }));
  const isRunning = session.machine.state.value.kind === 'running';
  return (
    <>
      <div class="bar terminal-bar">
        <TabList label="Terminals" items={items} selected={String(active)} onSelect={id => (session.activeTerminal.value = Number(id))} />
        <span class="spread" />
        <Tool label="Copy" keys="Ctrl+Shift+C" icon="copy" disabled={false} run={() => widget()?.copy()} />
        <Tool label="Paste" keys="Ctrl+Shift+V" icon="paste" disabled={!isRunning} run={() => void widget()?.pasteFromClipboard()} />
        <Tool label="Search" keys="Ctrl+Shift+F" icon="search" disabled={false} run={() => setSearching(!isSearching)} />
      </div>
      <div class="terminal-area">
        {session.terminals.map((_, index) => (
          <TerminalPanel
            key={index}
            index={index}
            session={session}
            isWanted={isWanted && (index === 0 || index === active || widgets.current[index] !== undefined)}
            onOpen={opened => (widgets.current[index] = opened)}
            onSearch={() => setSearching(true)}
            onBell={() => ring(index)}
          />
        ))}
        {isSearching && <TerminalSearch key={active} widget={widget} onClose={() => setSearching(false)} />}
        <PasteProgressBar session={session} />
        <MachineCover session={session} />
      </div>
      <p id="terminal-help" class="visually-hidden">
        Keys go to the machine. To leave the terminal, press F6 or Shift F6; or Control M, then Tab or Shift Tab; Control M again gives Tab back to
        the machine. Control Shift C copies, Control Shift V pastes, Control Shift F searches, Control Plus and Control Minus change the size of the
        letters.
      </p>
    </>
  );
}

/** On the tab of a terminal whose bell was rung. */
function Bell(): JSX.Element {
  return (
    <span class="bell" title="A program rang the bell">
      <span aria-hidden="true">♪</span>
      <span class="visually-hidden"> rang the bell</span>
    </span>
  );
}

function Tool(props: { label: string; keys: string; icon: 'copy' | 'paste' | 'search'; disabled: boolean; run: () => void }): JSX.Element {
  return (
    <button type="button" class="button plain tool" title={`${props.label} (${props.keys})`} disabled={props.disabled} onClick={props.run}>
      <Icon name={props.icon} />
      <span class="tool-label">{props.label}</span>
    </button>
  );
}

interface TerminalPanelProps {
  readonly index: number;
  readonly session: Session;
  /** Terminals are opened when first looked at, the first with the machine. */
  readonly isWanted: boolean;
  onOpen(widget: TerminalWidget): void;
  onSearch(): void;
  onBell(): void;
}

function TerminalPanel({ index, session, isWanted, onBell, onOpen, onSearch }: TerminalPanelProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [widget, setWidget] = useState<TerminalWidget>();
  const state = session.machine.state.value;
  const isActive = session.activeTerminal.value === index;
  useEffect(() => {
    if (!isWanted || widget !== undefined || host.current === null) return;
    const onClipboardRefused = (): void => void askForText(session);
    const shown = { link: session.terminals[index]!, name: `Terminal ${index + 1}` };
    const opening = TerminalWidget.open(host.current, shown, session, { onBell, onSearch, onClipboardRefused, onLinesPasted: askAboutLines });
    opening.then(
      opened => {
        onOpen(opened);
        setWidget(opened);
      },
      (error: unknown) => session.messages.problem(`The terminal could not be loaded: ${messageOf(error)}. Reload the page.`),
    );
  }, [isWanted]);
  useEffect(() => {
    if (widget !== undefined && state.kind === 'running') void connect(widget, index, session);
    if (widget !== undefined && state.kind === 'stopped') widget.note('the machine stopped');
    if (state.kind !== 'running') session.terminals[index]?.disconnect();
  }, [widget, state]);
  const askForText = async (of: Session): Promise<void> => {
    const text = await ask({
      title: 'Paste into the terminal',
      text: 'This browser does not let the page read the clipboard. Paste here with Ctrl+V, then press Send.',
      confirm: 'Send',
      field: { label: 'Text', initial: '', isMultiline: true, problem: () => undefined },
    });
    if (text !== undefined && text !== '') of.terminals[index]?.send(text.replaceAll('\r\n', '\r').replaceAll('\n', '\r'));
  };
  return (
    <div id={`terminal-panel-${index}`} class="terminal-panel" role="tabpanel" aria-label={`Terminal ${index + 1}`} hidden={!isActive}>
      <div ref={host} class="terminal-host" />
    </div>
  );
}

async function connect(widget: TerminalWidget, index: number, session: Session): Promise<void> {
  const link = session.terminals[index];
  if (link === undefined || link.connected.value) return;
  try {
    link.connect(await session.machine.openTerminal(index, widget.size), widget);
    link.resize(widget.size);
    // Only if the learners are not busy elsewhere: they may be typing in the editor, or be on another part of the page around this frame.
    const isIdle = document.hasFocus() && (document.activeElement ?? document.body) === document.body;
    // Learners who read a lesson with a screen reader would be torn out of its text.
    const isReading = session.settings.screenReader.value && session.lessons.run.value !== undefined;
    if (isIdle && !isReading && index === session.activeTerminal.value) widget.focus();
  } catch (error) {
    if (session.machine.state.value.kind === 'running') session.messages.problem(`Terminal ${index + 1}: ${messageOf(error)}`);
  }
}

function PasteProgressBar({ session }: { session: Session }): JSX.Element | null {
  const link = session.terminals[session.activeTerminal.value];
  const paste = link?.paste.value;
  if (paste === undefined) return null;
  const percent = Math.round((paste.sentBytes / paste.totalBytes) * 100);
  return (
    <div class="paste-progress">
      <label>
        pasting… {percent} % <progress value={percent} max={100} />
      </label>
      <button type="button" class="button quiet" onClick={() => link?.cancelPaste()}>
        Cancel
      </button>
    </div>
  );
}
