import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import type { SolutionLine, Step } from '../../core/lesson/lesson.ts';
import { visibleName } from '../session/format.ts';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';
import { RunButton } from './code-block.tsx';
import { useKeptFocus } from './kept-focus.ts';

/** How a step is done, for who is stuck: its files are written, its commands wait for their buttons. */
export function SolutionView({ run, session }: { run: LessonRun; session: Session }): JSX.Element | null {
  const [isShown, setShown] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useKeptFocus(title, isShown);
  const { solution } = run.step.value;
  if (solution.files.size === 0 && solution.lines.length === 0) return null;
  if (!isShown) {
    const show = (): void => {
      // Its commands stand here: on a small screen the editor is not to come before them.
      if (run.files.write(solution.files, { isOpened: solution.lines.length === 0 })) setShown(true);
    };
    return (
      <p class="solution-offer">
        <button type="button" class="button quiet small" title={whatItDoes(solution)} onClick={show}>
          Show solution
        </button>
      </p>
    );
  }
  return (
    <section class="solution" aria-labelledby="solution-title">
      <h4 ref={title} id="solution-title" tabIndex={-1}>
        Solution
      </h4>
      <WrittenFiles run={run} />
      {solution.lines.length > 0 && <SolutionLines session={session} lines={solution.lines} />}
    </section>
  );
}

function whatItDoes({ files, lines }: Step['solution']): string {
  const writes = files.size > 0 ? `Writes ${[...files.keys()].map(visibleName).join(', ')}` : '';
  const shows = lines.length > 0 ? 'shows the commands' : '';
  const all = [writes, shows].filter(part => part !== '').join(' and ');
  return all.charAt(0).toUpperCase() + all.slice(1);
}

function WrittenFiles({ run }: { run: LessonRun }): JSX.Element | null {
  const names = [...run.step.value.solution.files.keys()].map(visibleName).join(', ');
  const canUndo = run.files.replaced.value !== undefined;
  const line = useRef<HTMLParagraphElement>(null);
  useKeptFocus(line, !canUndo);
  if (names === '') return null;
  return (
    <p ref={line} tabIndex={-1}>
      {canUndo ? `Written: ${names}.` : `In the workspace: ${names}.`}{' '}
      {canUndo && (
        <button type="button" class="button quiet small" onClick={() => run.files.undo()}>
          Bring mine back
        </button>
      )}
    </p>
  );
}

/** Commands as blocks with a Run button, and what else is to be done between them. */
export function SolutionLines({ lines, session }: { lines: readonly SolutionLine[]; session: Session }): JSX.Element {
  return (
    <ol class="solution-lines">
      {lines.map((line, index) => (
        <li key={index}>
          <Line line={line} session={session} />
        </li>
      ))}
    </ol>
  );
}

function Line({ line, session }: { line: SolutionLine; session: Session }): JSX.Element {
  if (line.kind === 'command' || line.kind === 'input') {
    return (
      <>
        <div class="solution-line">
          <code>{line.text}</code>
          <RunButton session={session} command={line.text} />
        </div>
        {line.kind === 'input' && <p class="solution-note">Typed into the running program, not at the shell’s own prompt.</p>}
      </>
    );
  }
  if (line.kind === 'key') return <KeyLine name={line.key} session={session} />;
  return <LabLine action={line.action} session={session} />;
}

function KeyLine({ name, session }: { name: 'C' | 'D'; session: Session }): JSX.Element {
  const press = (): void => {
    const terminal = session.terminals[session.activeTerminal.value];
    terminal?.send(name === 'C' ? '\x03' : '\x04');
    session.showTerminal(session.activeTerminal.value);
  };
  return (
    <div class="solution-line">
      <span>
        the keys <kbd>Ctrl</kbd>+<kbd>{name}</kbd>
      </span>
      <button type="button" class="button small main" onClick={press}>
        Press Ctrl+{name}
      </button>
    </div>
  );
}

function LabLine({ action, session }: { action: string; session: Session }): JSX.Element {
  const lab = session.lessons.lab.value;
  const act = (): void => {
    session.showSidePane('lab');
    lab?.act(action).catch((error: unknown) => session.messages.problem(messageOf(error)));
  };
  return (
    <div class="solution-line">
      <span>in the lab: {action}</span>
      <button type="button" class="button small main" disabled={lab === undefined} onClick={act}>
        Do it
      </button>
    </div>
  );
}
