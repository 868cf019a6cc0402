import type { JSX } from 'preact';
import type { CodeBlock } from '../../core/lesson/lesson.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';

interface CodeBlockProps {
  readonly session: Session;
  readonly run: LessonRun;
  readonly code: CodeBlock;
}

/** A block of code with what can be done with it. */
export function CodeBlockView({ code, run, session }: CodeBlockProps): JSX.Element {
  const { actions, file, text } = code;
  const shown = text.replace(/\n$/, '');
  if (actions.length === 0) {
    return (
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
      <pre class="lesson-output" tabIndex={0} role="region" aria-label="Output to compare with">
        <code>{shown}</code>
      </pre>
    );
  }
  return (
    <figure class="lesson-code">
      <figcaption>
        <span class="code-name">{file ?? nameOf(code)}</span>
        {actions.includes('run') && <RunButton session={session} command={text} />}
        {file !== undefined && actions.includes('save') && <SaveButton session={session} run={run} file={file} text={text} />}
        {actions.includes('copy') && <CopyButton session={session} text={text} />}
      </figcaption>
      <pre>
        <code>{shown}</code>
      </pre>
    </figure>
  );
}

/** Types a command into the terminal in front and presses Enter. */
export function RunButton({ command, session }: { command: string; session: Session }): JSX.Element {
  return (
    <CodeButton
      icon="play"
      text="Run"
      label={`Run: ${firstLine(command)}`}
      title="Types it into the terminal and presses Enter"
      isMain
      onClick={() => session.runCommand(command)}
    />
  );
}

function SaveButton({ file, run, session, text }: { file: string; run: LessonRun; session: Session; text: string }): JSX.Element {
  const save = (): void => {
    if (!run.files.write(new Map([[file, new TextEncoder().encode(text)]]))) return;
    const isReplaced = run.files.replaced.value?.before.get(file) !== undefined;
    const action = { label: 'Undo', run: () => run.files.undo() };
    session.messages.show(isReplaced ? `Replaced ${file}.` : `Saved as ${file}.`, isReplaced ? { action } : {});
  };
  return (
    <CodeButton icon="save" text="Save as file" label={`Save as file: ${file}`} title={`Writes it to ${file} and opens that`} isMain onClick={save} />
  );
}

function CopyButton({ session, text }: { session: Session; text: string }): JSX.Element {
  const copy = (): void => {
    navigator.clipboard.writeText(text.replace(/\n$/, '')).then(
      () => session.messages.announce('Copied.'),
      () => session.messages.problem('This browser does not let the page use the clipboard. Select the text and copy it with the keyboard.'),
    );
  };
  return <CodeButton icon="copy" text="Copy" label={`Copy: ${firstLine(text)}`} title="Copies it to the clipboard" onClick={copy} />;
}

interface CodeButtonProps {
  readonly icon: IconName;
  readonly text: string;
  /** What is read aloud: it begins with what is seen. */
  readonly label: string;
  readonly title: string;
  readonly isMain?: boolean;
  onClick(): void;
}

function CodeButton({ icon, isMain, label, onClick, text, title }: CodeButtonProps): JSX.Element {
  return (
    <button type="button" class={`button small ${isMain === true ? 'main' : ''}`} aria-label={label} title={title} onClick={onClick}>
      <Icon name={icon} size={14} /> {text}
    </button>
  );
}

function nameOf({ language }: CodeBlock): string {
  return language === 'shell' ? 'Terminal' : '';
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
