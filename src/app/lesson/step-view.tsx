import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Block } from '../../core/lesson/lesson.ts';
import { Icon } from '../ui/icons.tsx';
import type { LessonRun } from '../session/lesson/lesson-run.ts';
import type { Session } from '../session/session.ts';
import { CheckList } from './check-list.tsx';
import { CodeBlockView } from './code-block.tsx';
import { LessonDone } from './lesson-done.tsx';
import { useChosenFocus } from './lesson-focus.ts';
import { LessonNotes } from './lesson-notes.tsx';
import { Markdown } from './markdown.tsx';
import { Phrase } from './phrase.tsx';
import { QuizView } from './quiz-view.tsx';
import { SolutionView } from './solution-view.tsx';
import { VariablesForm } from './variables-form.tsx';

interface LessonPartProps {
  readonly session: Session;
  readonly run: LessonRun;
}

/** The step that the learner is at, with the introduction before the first one. */
export function StepView({ run, session }: LessonPartProps): JSX.Element {
  const { id, title, blocks } = run.step.value;
  const { frontMatter, introduction, steps } = run.lesson.value;
  const index = run.stepIndex.value;
  const scroller = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const lastIndex = useRef(index);
  useChosenFocus(scroller);
  // At once: a busy page would do it later, and take the keyboard from where the learner has gone meanwhile.
  useLayoutEffect(() => {
    if (lastIndex.current === index) return;
    lastIndex.current = index;
    // Not `scrollIntoView`: in a frame it would move the page around it too.
    scroller.current?.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [index]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys
    <div ref={scroller} class="lesson-text" tabIndex={0} role="region" aria-label="Text of the lesson">
      {index === 0 && (
        <div class="lesson-introduction">
          <p class="lesson-facts">
            about {frontMatter.minutes} minutes · {steps.length === 1 ? '1 step' : `${steps.length} steps`}
          </p>
          <Blocks blocks={introduction} run={run} session={session} />
          <VariablesForm run={run} session={session} />
        </div>
      )}
      <LessonNotes run={run} session={session} />
      <h3 ref={heading} class="step-title" tabIndex={-1}>
        <Phrase text={title} />
      </h3>
      <div key={id}>
        <Blocks blocks={blocks} run={run} session={session} />
        <CheckList run={run} />
        <SolutionView run={run} session={session} />
      </div>
      {index === steps.length - 1 && <LessonDone run={run} session={session} />}
    </div>
  );
}

function Blocks({ blocks, run, session }: LessonPartProps & { blocks: readonly Block[] }): JSX.Element {
  return (
    <>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} run={run} session={session} />
      ))}
    </>
  );
}

function BlockView({ block, run, session }: LessonPartProps & { block: Block }): JSX.Element {
  switch (block.kind) {
    case 'text':
      return <Markdown nodes={block.content} session={session} />;
    case 'code':
      return <CodeBlockView code={block.code} run={run} session={session} />;
    case 'quiz':
      return <QuizView key={block.quiz.id} quiz={block.quiz} run={run} />;
    case 'hint':
      return (
        <details class="hint">
          <summary>
            <Icon name="hint" /> <Phrase text={block.title} />
          </summary>
          <Blocks blocks={block.blocks} run={run} session={session} />
        </details>
      );
  }
}
