import type { JSX } from 'preact';
import { Icon } from '../layout/icons.tsx';
import type { Messages } from '../session/messages.ts';

/** The short messages at the lower right, read aloud as they come. */
export function MessageList({ messages }: { messages: Messages }): JSX.Element {
  return (
    <>
      <div class="messages" role="log" aria-live="polite" aria-label="Messages">
        {messages.shown.value.map(message => (
          <div key={message.id} class={`message ${message.kind}`}>
            {message.kind === 'problem' && <Icon name="alert" />}
            <span class="message-text">{message.text}</span>
            {message.action !== undefined && (
              <button
                type="button"
                class="button quiet"
                onClick={() => {
                  messages.dismiss(message.id);
                  message.action?.run();
                }}
              >
                {message.action.label}
              </button>
            )}
            <button type="button" class="button plain" aria-label="Dismiss" title="Dismiss" onClick={() => messages.dismiss(message.id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
      <p class="visually-hidden" role="status">
        {messages.announcement.value}
      </p>
    </>
  );
}
