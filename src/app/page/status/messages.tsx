import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../../ui/icons.tsx';
import type { Messages } from '../../session/messages.ts';

/** The short messages at the lower right, which are read aloud as they come, and messages that are only read aloud. */
export function MessageList({ messages }: { messages: Messages }): JSX.Element {
  /** Where the keyboard was before it came here: it goes back when its message goes. */
  const before = useRef<HTMLElement | undefined>(undefined);
  const onFocusIn = (event: FocusEvent): void => {
    messages.hold(true);
    const from = event.relatedTarget;
    if (from instanceof HTMLElement && from.closest('.messages') === null) before.current = from;
  };
  const dismiss = (id: number): void => {
    messages.dismiss(id);
    messages.hold(false);
    before.current?.focus();
    before.current = undefined;
  };
  return (
    <>
      <div class="messages" role="log" aria-live="polite" aria-label="Messages" onFocusIn={onFocusIn} onFocusOut={() => messages.hold(false)}>
        {messages.shown.value.map(message => (
          <div key={message.id} class={`message ${message.kind}`}>
            {message.kind === 'problem' && <Icon name="alert" />}
            <span class="message-text">{message.text}</span>
            {message.action !== undefined && (
              <button
                type="button"
                class="button quiet"
                onClick={() => {
                  dismiss(message.id);
                  message.action?.run();
                }}
              >
                {message.action.label}
              </button>
            )}
            <button type="button" class="button plain" aria-label="Dismiss" title="Dismiss" onClick={() => dismiss(message.id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
      <div class="visually-hidden" role="log" aria-live="polite" aria-label="Announcements">
        {messages.announcements.value.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </>
  );
}
