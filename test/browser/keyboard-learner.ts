import type { Browser, Page } from 'playwright-core';
import type { Quiz, SolutionLine, Step } from '../../src/core/lesson/lesson.ts';
import { hasSeveralAnswers } from '../../src/core/lesson/check/quiz.ts';
import { escapeExpression } from '../../src/core/lesson/check/text-pattern.ts';
import { LearnerPage, untilText } from './learner-page.ts';
import { flatTerminal, terminalRows, untilPrompt } from './terminal-rows.ts';

/** What has the keyboard now. */
interface Focused {
  /** As a screen reader would say it. */
  readonly name: string;
  readonly role: string;
  /** The id of the pane it is in; empty outside of all. */
  readonly pane: string;
  /** The question it belongs to. */
  readonly question: string;
  readonly isVisible: boolean;
}

type Part = 'lesson-pane' | 'files-pane' | 'editor-pane' | 'terminal-pane' | 'side-pane' | 'footer';

/** No pane has more stops than this. */
const MOST_PRESSES = 90;

/** Somebody who has a keyboard and a screen reader, and nothing else: keys go in, what has the focus and what is announced comes out. */
export class KeyboardLearner {
  constructor(
    readonly learner: LearnerPage,
    readonly page: Page,
  ) {}

  /** Opens the page with support for screen readers. */
  static async open(browser: Browser, url: string): Promise<KeyboardLearner> {
    const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.addInitScript(listen);
    await page.goto(`${url}?screenReader`);
    return new KeyboardLearner(new LearnerPage(page), page);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** What has been announced since it was last asked for. */
  async heard(): Promise<readonly string[]> {
    return this.page.evaluate(() => (window as unknown as { heard: string[] }).heard.splice(0));
  }

  /** Resolves when something like this is announced. */
  async untilHeard(pattern: RegExp, milliseconds = 240_000): Promise<void> {
    const all: string[] = [];
    const read = async (): Promise<string> => {
      all.push(...(await this.heard()));
      return all.join('\n');
    };
    await untilText(read, pattern, milliseconds);
  }

  focused(): Promise<Focused> {
    return this.page.evaluate(() => {
      const active = document.activeElement ?? document.body;
      const byId = (active.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent ?? '');
      const label = active instanceof HTMLInputElement ? (active.labels?.[0]?.textContent ?? '') : '';
      const name = active.getAttribute('aria-label') ?? (byId.join(' ').trim() || label || (active.textContent ?? ''));
      const { width, height } = active.getBoundingClientRect();
      return {
        name: name.trim().slice(0, 200),
        role: active.getAttribute('role') ?? (active instanceof HTMLInputElement ? active.type : active.localName),
        pane: active.closest('footer') === null ? (active.closest('section.pane')?.id ?? '') : 'footer',
        question: active.closest('.quiz')?.textContent ?? '',
        isVisible: width > 0 && height > 0,
      };
    });
  }

  /** Goes to a part of the page with F6. */
  async to(part: Part): Promise<void> {
    const seen: string[] = [];
    for (let press = 0; press < 12; press++) {
      const { name, pane } = await this.focused();
      if (pane === part) return;
      seen.push(`${pane}: ${name}`);
      await this.page.keyboard.press('F6');
    }
    throw new Error(`F6 never came to ${part}, but to:\n${seen.join('\n')}`);
  }

  /** Presses Tab, or Shift+Tab, until the focus is on what is wanted; never leaves the pane it is in for longer than to turn round. */
  async tabTo(isWanted: (focused: Focused) => boolean): Promise<Focused> {
    const start = await this.focused();
    const seen: string[] = [];
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let press = 0; press < MOST_PRESSES; press++) {
        const focused = await this.focused();
        seen.push(`${focused.pane}: ${focused.role} ${focused.name.slice(0, 60)}`);
        if (isWanted(focused)) return focused;
        if (press > 0 && focused.pane !== start.pane && start.pane !== '') break;
        await this.page.keyboard.press(key);
      }
    }
    throw new Error(`the keyboard never came to it, but to:\n${[...new Set(seen)].join('\n')}`);
  }

  /** Goes to a button of this name and presses it. */
  async press(name: RegExp): Promise<void> {
    await this.tabTo(focused => focused.role === 'button' && name.test(focused.name));
    await this.page.keyboard.press('Enter');
  }

  /** Does a step as its solution says: files from the blocks of its text or typed, commands in the terminal, then the questions. */
  async do(step: Step): Promise<void> {
    for (const [path, content] of step.solution.files) await this.write(path, new TextDecoder().decode(content));
    for (const { code } of step.blocks.flatMap(block => (block.kind === 'code' ? [block] : []))) {
      if (code.file !== undefined && !step.solution.files.has(code.file)) await this.save(code.file);
    }
    for (const [index, line] of step.solution.lines.entries()) await this.enter(line, step.solution.lines[index + 1]);
    for (const quiz of step.quizzes) await this.answer(quiz);
    await this.page.locator('.step-done').waitFor({ timeout: 240_000 });
  }

  /** A block of code becomes a file. */
  async save(file: string): Promise<void> {
    await this.to('lesson-pane');
    await this.press(new RegExp(`^Save as file: ${escapeExpression(file)}$`));
    await this.untilHeard(new RegExp(`(Saved as|Replaced) ${escapeExpression(file)}`), 20_000);
  }

  /** Makes a file and types its lines. */
  async write(path: string, text: string): Promise<void> {
    await this.to('files-pane');
    await this.press(/^New file$/);
    await untilText(async () => (await this.focused()).name, /^Name$/, 10_000);
    await this.page.keyboard.type(path);
    await this.page.keyboard.press('Enter');
    const name = async (): Promise<string> => (await this.focused()).name;
    await untilText(name, new RegExp(`^${escapeExpression(path)}, editor`), 60_000);
    await this.learner.typeLines(text.replace(/\n$/, ''));
  }

  async enter(line: SolutionLine, next: SolutionLine | undefined): Promise<void> {
    const { keyboard } = this.page;
    await this.to('terminal-pane');
    if (line.kind === 'key') await keyboard.press(`Control+${line.key.toLowerCase()}`);
    else if (line.kind !== 'lab') {
      if (line.kind === 'command') await keyboard.press('Control+l');
      await keyboard.type(line.text);
      await untilText(() => flatTerminal(this.learner), new RegExp(escapeExpression(line.text.replace(/\s/g, '').slice(-30))), 30_000);
      await keyboard.press('Enter');
    }
    if (next?.kind === 'key') await this.page.waitForTimeout(4000);
    else await untilPrompt(this.learner, next?.kind === 'input' ? 'program' : 'shell');
  }

  async answer(quiz: Quiz): Promise<void> {
    const answer = quiz.kind === 'choice' ? '' : await this.answerTo(quiz);
    await this.to('lesson-pane');
    const question = quiz.source.question.replaceAll('`', '');
    const isHere = (focused: Focused): boolean => focused.question.includes(question);
    if (quiz.kind === 'choice') await this.choose(quiz, isHere);
    else {
      await this.tabTo(focused => isHere(focused) && focused.role === 'text');
      await this.page.keyboard.type(answer);
      await this.page.keyboard.press('Enter');
    }
    await this.untilHeard(/Right\.|Your guess is noted/, 60_000);
  }

  async choose({ source }: Extract<Quiz, { kind: 'choice' }>, isHere: (focused: Focused) => boolean): Promise<void> {
    const { keyboard } = this.page;
    const isMultiple = hasSeveralAnswers(source);
    const right = source.options.flatMap(({ correct }, index) => (correct === true ? [index] : []));
    const text = (index: number): string => source.options[index]!.text.replaceAll('`', '');
    if (isMultiple) {
      for (const index of right) {
        await this.tabTo(focused => isHere(focused) && focused.role === 'checkbox' && focused.name === text(index));
        await keyboard.press('Space');
      }
    } else {
      await this.tabTo(focused => isHere(focused) && focused.role === 'radio');
      // The arrows go round the answers, and choose.
      await keyboard.press('Space');
      for (let press = 0; press < source.options.length && (await this.focused()).name !== text(right[0]!); press++)
        await keyboard.press('ArrowDown');
    }
    await this.tabTo(focused => isHere(focused) && focused.role === 'button');
    await keyboard.press('Enter');
  }

  async answerTo(quiz: Extract<Quiz, { kind: 'answer' | 'prediction' }>): Promise<string> {
    if (quiz.kind === 'prediction') return quiz.source.predict === 'number' ? '12' : 'less';
    const { answer, answerFrom } = quiz.source;
    if (answerFrom === undefined) return answer ?? '';
    await this.enter({ kind: 'command', text: answerFrom }, undefined);
    return (await terminalRows(this.learner)).at(-2) ?? '';
  }

  /** Goes on to the next step; its heading then has the keyboard. */
  async next(title: string): Promise<void> {
    await this.to('lesson-pane');
    await this.press(/^Next$/);
    await untilText(async () => (await this.focused()).name, new RegExp(`^${escapeExpression(title.replaceAll('`', ''))}$`), 10_000);
  }
}

/** In the page: keeps what a screen reader would say by itself. */
function listen(): void {
  const heard: string[] = [];
  (window as unknown as { heard: string[] }).heard = heard;
  const live = '[aria-live="polite"], [aria-live="assertive"], [role="log"], [role="status"], [role="alert"]';
  const observer = new MutationObserver(changes => {
    for (const { addedNodes, target, type } of changes) {
      const around = target instanceof Element ? target : target.parentElement;
      const isInside = around !== null && around.closest(live) !== null;
      if (type === 'characterData' && isInside) heard.push(target.textContent ?? '');
      for (const node of addedNodes) {
        const isLive = isInside || (node instanceof Element && node.matches('[role="alert"]'));
        if (isLive && (node.textContent ?? '').trim() !== '') heard.push(node.textContent ?? '');
      }
    }
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
}
