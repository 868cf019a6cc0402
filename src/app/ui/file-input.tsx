import type { JSX, RefObject } from 'preact';
import { useRef } from 'preact/hooks';

interface FileInputProps {
  /** The element, whose `click` opens the browser's dialog. */
  readonly input: RefObject<HTMLInputElement | null>;
  /** What is chosen, for who does not see the page. */
  readonly label: string;
  /** Endings of names, as the element takes them; the default is every file. */
  readonly accept?: string;
  readonly isMultiple?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** What chooses files on the learner's own computer; nothing is seen of it but the browser's dialog. */
export function FileInput({ input, label, accept, isMultiple = false, onFiles }: FileInputProps): JSX.Element {
  return (
    <input
      ref={input}
      type="file"
      accept={accept}
      multiple={isMultiple}
      hidden
      aria-label={label}
      onChange={event => {
        const files = [...(event.currentTarget.files ?? [])];
        // The same file chosen again must count as a change.
        event.currentTarget.value = '';
        if (files.length > 0) onFiles(files);
      }}
    />
  );
}

interface FileButtonProps {
  /** The text on it. */
  readonly text: string;
  /** What is chosen, for who does not see the page. */
  readonly label: string;
  readonly accept: string;
  readonly isEnabled: boolean;
  readonly onFile: (file: File) => void;
}

/** A button with which the learner chooses one file. */
export function FileButton({ text, label, accept, isEnabled, onFile }: FileButtonProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="button quiet" disabled={!isEnabled} onClick={() => input.current?.click()}>
        {text}
      </button>
      <FileInput input={input} label={label} accept={accept} onFiles={([file]) => file !== undefined && onFile(file)} />
    </>
  );
}
