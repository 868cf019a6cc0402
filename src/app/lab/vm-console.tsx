import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import type { LabState } from '../../core/lab/lab-state.ts';
import type { Session } from '../session/session.ts';
import { TerminalLink } from '../session/terminal-link.ts';
import { TerminalWidget } from '../terminal/terminal-widget.ts';

/** The virtual machine's console: what its kernel prints, and a shell. It is there from the first start on and keeps what it has shown. */
export function VmConsole({ session, state }: { session: Session; state: LabState }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const link = useMemo(() => new TerminalLink(() => Promise.resolve()), []);
  const [widget, setWidget] = useState<TerminalWidget>();
  const isLoading = useRef(false);
  const { hasConsole } = state;
  const { phase } = state.vm;
  useEffect(() => {
    if (!hasConsole || isLoading.current || host.current === null) return;
    isLoading.current = true;
    const nothing = (): void => undefined;
    TerminalWidget.open(host.current, { link, name: 'Console of the virtual machine' }, session, {
      onSearch: nothing,
      onClipboardRefused: nothing,
    }).then(setWidget, (error: unknown) => {
      isLoading.current = false;
      session.messages.problem(`The console could not be loaded: ${messageOf(error)}. Reload the page.`);
    });
  }, [hasConsole]);
  useEffect(() => {
    if (widget === undefined) return;
    if (hasConsole) void connect(widget, link, session);
    else link.disconnect();
  }, [widget, hasConsole]);
  useEffect(() => {
    if (phase === 'crashed') widget?.note('the kernel has crashed; the emulated processor was stopped');
    if (phase === 'off') widget?.note('the virtual machine is off');
  }, [widget, phase]);
  return (
    <>
      <div ref={host} class="lab-console" hidden={!hasConsole && widget === undefined} />
      {!hasConsole && widget === undefined && (
        <p class="quiet-text lab-console-empty">Start the virtual machine: its kernel’s messages and a shell appear here.</p>
      )}
    </>
  );
}

async function connect(widget: TerminalWidget, link: TerminalLink, session: Session): Promise<void> {
  try {
    link.connect(await session.lab.openConsole(widget.size), widget);
    link.resize(widget.size);
  } catch (error) {
    // It may have ended meanwhile: its state says so.
    if (session.lab.state.value.hasConsole) session.messages.problem(`The console of the virtual machine: ${messageOf(error)}`);
  }
}
