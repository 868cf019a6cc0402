import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import type { Lesson, Quiz, SolutionLine, Step } from '../../src/core/lesson/lesson.ts';
import { hasSeveralAnswers } from '../../src/core/lesson/check/quiz.ts';
import { escapeExpression, isExpression } from '../../src/core/lesson/check/text-pattern.ts';
import { variableValues, withVariables } from '../../src/core/lesson/format/variables.ts';
import { projectFolder } from '../../src/node/builder/folders.ts';
import { validLesson } from '../support/lesson.ts';
import { untilText, type LearnerPage } from './learner-page.ts';
import { flatTerminal, terminalRows, untilPrompt } from './terminal-rows.ts';

/** Answers that a learner reads somewhere, to questions whose answer the lesson tells only as an expression. */
const readAnswers: Readonly<Record<string, string>> = { 'What does the virtual machine answer?': '6.12-vm' };

const labButtons: Readonly<Record<string, string>> = {
  'start vm': 'Start the virtual machine',
  'start container': 'Start the container',
  'crash vm': 'Crash kernel of the virtual machine',
};

/** A lesson of the course in the page, done as a learner does it: files typed in the editor, commands in the terminal, questions answered by clicking. */
export class CourseLearner {
  #doneCount = 0;

  private constructor(
    readonly learner: LearnerPage,
    readonly lesson: Lesson,
  ) {}

  /** Of the page that shows the lesson with this id, or will. */
  static async of(learner: LearnerPage, id: string): Promise<CourseLearner> {
    const read = await validLesson(join(projectFolder, 'lessons', id));
    return new CourseLearner(learner, withVariables(read, variableValues(read.frontMatter, {})));
  }

  /** Does the whole lesson, or its steps up to the one of this id, and goes to the step after those. */
  async doSteps(last?: string): Promise<void> {
    for (const [index, step] of this.lesson.steps.entries()) {
      if (index < this.#doneCount) continue;
      try {
        await this.do(step);
      } catch (error) {
        const shown = `${await this.stateOf()}\n${await this.learner.terminalText()}`;
        throw new Error(`step ${index + 1}, ${step.title}: ${String(error)}\nThe page shows:\n${shown}`, { cause: error });
      }
      this.#doneCount = index + 1;
      if (this.#doneCount < this.lesson.steps.length) await this.learner.page.getByRole('button', { name: 'Next', exact: true }).click();
      if (step.id === last) return;
    }
    await untilText(() => this.pane.innerText(), /You have done this lesson/, 30_000);
  }

  get pane(): Locator {
    return this.learner.page.getByRole('region', { name: 'Lesson', exact: true });
  }

  foot(): Promise<string> {
    return this.pane.locator('.lesson-foot').innerText();
  }

  /** Does a step; it must not count as done before. */
  async do(step: Step): Promise<void> {
    await untilText(() => this.pane.locator('.step-title').innerText(), /./, 60_000);
    expect(await this.foot()).not.toContain('done');
    for (const [path, content] of step.solution.files) await this.writeFile(path, new TextDecoder().decode(content));
    for (const [index, line] of step.solution.lines.entries()) await this.enterLine(line, step.solution.lines[index + 1]);
    for (const quiz of step.quizzes) await this.answer(quiz);
    await untilText(() => this.stateOf(), /· done/, 120_000);
  }

  /** What the step says of itself; its checks too, for whoever reads why it is not done. */
  async stateOf(): Promise<string> {
    const checks = this.pane.locator('.checks');
    const shown = (await checks.count()) > 0 ? await checks.innerText() : '';
    return `${await this.foot()}\n${shown}`;
  }

  async writeFile(path: string, text: string): Promise<void> {
    if ((await this.learner.file(path).count()) === 0) return this.learner.makeFile(path, text);
    await this.learner.file(path).click();
    await this.learner.untilEditing(path);
    await this.learner.replaceText(text);
  }

  async enterLine(line: SolutionLine, next: SolutionLine | undefined): Promise<void> {
    if (line.kind === 'lab') return this.act(line.action);
    const { page } = this.learner;
    await this.learner.focusTerminal();
    if (line.kind === 'key') await page.keyboard.press(`Control+${line.key.toLowerCase()}`);
    else {
      if (line.kind === 'command') await page.keyboard.press('Control+l');
      await page.keyboard.type(line.text);
      await untilText(() => flatTerminal(this.learner), new RegExp(escapeExpression(line.text.replace(/\s/g, '').slice(-30))), 30_000);
      await page.keyboard.press('Enter');
    }
    if (next?.kind === 'input') await untilPrompt(this.learner, 'program');
    else if (next?.kind === 'key') await page.waitForTimeout(4000);
    else await untilPrompt(this.learner, 'shell');
  }

  async act(action: string): Promise<void> {
    const { page } = this.learner;
    const lab = page.getByRole('tabpanel', { name: 'Lab', exact: true });
    await lab.getByRole('button', { name: labButtons[action] ?? action, exact: true }).click();
    const wanted = { 'start vm': /Running\./, 'start container': /Running\./, 'crash vm': /crash|panic/i }[action]!;
    await untilText(
      () => lab.getByRole('region', { name: action.endsWith('vm') ? 'Virtual machine' : 'Container', exact: true }).innerText(),
      wanted,
    );
  }

  async answer(quiz: Quiz): Promise<void> {
    const { question } = quiz.source;
    const form = this.pane.locator('.quiz').filter({ hasText: question.replaceAll('`', '') });
    if (quiz.kind === 'choice') {
      const role = hasSeveralAnswers(quiz.source) ? 'checkbox' : 'radio';
      for (const [index, { correct }] of quiz.source.options.entries()) if (correct === true) await form.getByRole(role).nth(index).check();
    } else await form.getByRole('textbox').fill(await this.answerTo(quiz));
    await form.getByRole('button', { name: quiz.kind === 'prediction' ? 'Note my guess' : 'Answer' }).click();
    await untilText(() => form.innerText(), quiz.kind === 'prediction' ? /Noted/ : /Right\./, 60_000);
  }

  async answerTo(quiz: Extract<Quiz, { kind: 'answer' | 'prediction' }>): Promise<string> {
    if (quiz.kind === 'prediction') return quiz.source.predict === 'number' ? '12' : 'less';
    const { answer, answerFrom, question } = quiz.source;
    if (answerFrom !== undefined) {
      await this.enterLine({ kind: 'command', text: answerFrom }, undefined);
      const rows = await terminalRows(this.learner);
      return rows.at(-2) ?? '';
    }
    return answer !== undefined && !isExpression(answer) ? answer : (readAnswers[question] ?? '');
  }
}
