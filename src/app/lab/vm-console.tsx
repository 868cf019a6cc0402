import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import type { LabState } from '../../core/lab/lab-state.ts';
import type { Session } from '../session/session.ts';
import { TerminalLink } from '../session/machine/terminal-link.ts';
import { askAboutLines } from '../terminal/ask-about-lines.ts';
import { TerminalWidget } from '../terminal/terminal-widget.ts';

/** The virtual machine's console: what its kernel prints, and a shell. It is there from the first start on and keeps what it has shown. */
export function VmConsole({ session, state, isShown }: { session: Session; state: LabState; isShown: boolean }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const link = useMemo(() => new TerminalLink(() => Promise.resolve()), []);
  const [widget, setWidget] = useState<TerminalWidget>();
  const isLoading = useRef(false);
  const { consoleOf } = state;
  const { phase } = state.vm;
  useEffect(() => {
    // xterm.js measures its letters when it is opened, so it must be seen.
    if (consoleOf === 0 || !isShown || isLoading.current || host.current === null) return;
    isLoading.current = true;
    const nothing = (): void => undefined;
    TerminalWidget.open(host.current, { link, name: 'Console of the virtual machine' }, session, {
      onBell: nothing,
      onSearch: nothing,
      onClipboardRefused: nothing,
      onLinesPasted: askAboutLines,
    }).then(setWidget, (error: unknown) => {
      isLoading.current = false;
      session.messages.problem(`The console could not be loaded: ${messageOf(error)}. Reload the page.`);
    });
  }, [consoleOf, isShown]);
  useEffect(() => {
    if (widget === undefined) return;
    if (consoleOf > 0) void connect(widget, link, session);
    else link.disconnect();
  }, [widget, consoleOf]);
  useEffect(() => {
    if (phase === 'crashed') widget?.note('the kernel has crashed; the emulated processor was stopped');
    if (phase === 'off') widget?.note('the virtual machine is off');
  }, [widget, phase]);
  const isEmpty = consoleOf === 0 && widget === undefined;
  return (
    <>
      <div ref={host} class="lab-console" hidden={isEmpty} />
      {isEmpty && <p class="quiet-text lab-console-empty">Start the virtual machine: its kernel’s messages and a shell appear here.</p>}
    </>
  );
}

async function connect(widget: TerminalWidget, link: TerminalLink, session: Session): Promise<void> {
  try {
    link.connect(await session.lab.openConsole(widget.size), widget);
    link.resize(widget.size);
  } catch (error) {
    // It may have ended meanwhile: its state says so.
    if (session.lab.state.value.consoleOf > 0) session.messages.problem(`The console of the virtual machine: ${messageOf(error)}`);
  }
}
