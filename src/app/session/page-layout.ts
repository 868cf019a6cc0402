import type { Layout } from '../../core/embed/embed-options.ts';

/** What stands on the page from the beginning. What the learner asks for besides comes to the front in every layout. */
export interface PageLayout {
  /** The text of the lesson, if there is one. */
  readonly hasLesson: boolean;
  readonly hasFiles: boolean;
  /** Otherwise it comes with the first file that the learner opens, and goes with the last. */
  readonly hasEditor: boolean;
  /** The side column, or its rail. Otherwise the rail comes with the first published port, and the column when a pane is asked for. */
  readonly hasSide: boolean;
}

export const pageLayouts: Readonly<Record<Layout, PageLayout>> = {
  full: { hasLesson: true, hasFiles: true, hasEditor: true, hasSide: true },
  terminal: { hasLesson: false, hasFiles: false, hasEditor: false, hasSide: false },
  'editor-terminal': { hasLesson: false, hasFiles: true, hasEditor: true, hasSide: false },
  'lesson-terminal': { hasLesson: true, hasFiles: false, hasEditor: false, hasSide: false },
};
