import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import type { TerminalWidget } from './terminal-widget.ts';

/** The bar that looks for a text in the terminal in front. */
export function TerminalSearch({ widget, onClose }: { widget: () => TerminalWidget | undefined; onClose: () => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [isFound, setFound] = useState(true);
  useEffect(() => input.current?.focus(), []);
  const find = (direction: 'next' | 'previous', isTyping = false): void => {
    const text = input.current?.value ?? '';
    setFound(text === '' || widget()?.find(text, direction, isTyping) === true);
  };
  const close = (): void => {
    widget()?.endSearch();
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter') find(event.shiftKey ? 'previous' : 'next');
    else return;
    event.preventDefault();
  };
  return (
    <div class="terminal-search" role="search">
      <input
        ref={input}
        type="text"
        aria-label="Search the terminal"
        placeholder="Search"
        spellcheck={false}
        aria-invalid={!isFound}
        onInput={() => find('next', true)}
        onKeyDown={onKeyDown}
      />
      <span class="search-result" role="status">
        {isFound ? '' : 'Not found'}
      </span>
      <button type="button" class="button plain" aria-label="Previous match" title="Previous (Shift+Enter)" onClick={() => find('previous')}>
        <Icon name="up" />
      </button>
      <button type="button" class="button plain" aria-label="Next match" title="Next (Enter)" onClick={() => find('next')}>
        <Icon name="down" />
      </button>
      <button type="button" class="button plain" aria-label="Close search" title="Close (Escape)" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}
