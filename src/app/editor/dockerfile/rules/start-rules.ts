import type { LintContext, Remark, Rule, SpanChange, Stage, Step } from '../lint-context.ts';
import { parseShellCommands } from '../shell-commands.ts';
import type { Span } from '../source-text.ts';

function* startSteps({ stages }: LintContext): Generator<Step> {
  for (const { steps } of stages) yield* steps.filter(({ keyword, line }) => (keyword === 'CMD' || keyword === 'ENTRYPOINT') && line.text !== '');
}

function argumentSpan({ line, span }: Step): Span {
  return { start: line.offsets[0] ?? span.end, end: (line.offsets.at(-1) ?? span.end - 1) + 1 };
}

function writeExecForm(words: readonly string[]): string {
  return `[${words.map(value => JSON.stringify(value)).join(', ')}]`;
}

/** The words of a command that needs no shell: no variables, patterns, pipes or redirections. */
function plainWords(step: Step): string[] | undefined {
  if (/[$`|&;<>*?~(){}[\]#!\n]/.test(step.line.text)) return undefined;
  const commands = parseShellCommands(step.line);
  const [command] = commands;
  if (commands.length !== 1 || command === undefined || command.programIndex !== 0) return undefined;
  return command.words.map(({ value }) => value);
}

const looksLikeExecForm = /^\[\s*(?:['"\u2018\u2019\u201c\u201d\u201e]|\w[^\]]*[,\]])/;

const shellFormCommand: Rule = {
  id: 'shell-form-command',
  severity: 'warning',
  *check(context) {
    for (const step of startSteps(context)) {
      if (step.json !== undefined || looksLikeExecForm.test(step.line.text) || /^exec\s/.test(step.line.text)) continue;
      const words = plainWords(step);
      const fixed = words === undefined ? undefined : writeExecForm(words);
      const advice =
        fixed === undefined ? 'Write it as ["program", "argument"], or put exec in front of the program.' : `Write ${step.keyword} ${fixed}.`;
      yield {
        span: argumentSpan(step),
        message: `In this form a shell starts your program and may keep docker stop's signal to itself${step.keyword === 'CMD' ? '' : ', and arguments of docker run are lost'}. ${advice}`,
        fixes: fixed === undefined ? [] : [{ title: 'Write it as a list (exec form)', changes: [{ span: argumentSpan(step), newText: fixed }] }],
      };
    }
  },
};

function repairQuotes(text: string): string | undefined {
  const repaired = text.replace(/['\u2018\u2019\u201c\u201d\u201e]/g, '"').replace(/,\s*\]$/, ']');
  try {
    const parsed: unknown = JSON.parse(repaired);
    return Array.isArray(parsed) && parsed.every((item): item is string => typeof item === 'string') ? writeExecForm(parsed) : undefined;
  } catch {
    // Quotes were not the only fault: no fix, the message still helps.
    return undefined;
  }
}

const brokenExecForm: Rule = {
  id: 'broken-exec-form',
  severity: 'warning',
  *check(context) {
    for (const step of startSteps(context)) {
      if (step.json !== undefined || !looksLikeExecForm.test(step.line.text)) continue;
      const fixed = repairQuotes(step.line.text);
      yield {
        span: argumentSpan(step),
        message:
          'Docker cannot read this list and will pass it to a shell as it is, brackets included. Use straight double quotes and commas: ["program", "argument"].',
        fixes: fixed === undefined ? [] : [{ title: 'Use double quotes', changes: [{ span: argumentSpan(step), newText: fixed }] }],
      };
    }
  },
};

const execFormInOnePiece: Rule = {
  id: 'exec-form-in-one-piece',
  severity: 'warning',
  *check(context) {
    for (const step of startSteps(context)) {
      const [only, ...rest] = step.json ?? [];
      if (only === undefined || rest.length > 0 || !/^\S+\s+\S/.test(only)) continue;
      const isPlain = !/[$`|&;<>*?~(){}'"\\]/.test(only);
      const fixed = writeExecForm(only.trim().split(/\s+/));
      yield {
        span: argumentSpan(step),
        message: `Docker will look for one program called "${only}", spaces included, and not find it. Give each word its own quotes.`,
        fixes: isPlain ? [{ title: `Write ${fixed}`, changes: [{ span: argumentSpan(step), newText: fixed }] }] : [],
      };
    }
  },
};

/** The lines of a step, so that removing it leaves no empty line. */
function wholeLines({ source }: LintContext, { span }: Step): SpanChange {
  const lineEnd = source.text.indexOf('\n', span.end);
  return { span: { start: source.text.lastIndexOf('\n', span.start - 1) + 1, end: lineEnd === -1 ? source.text.length : lineEnd + 1 }, newText: '' };
}

function* repeated(context: LintContext, keyword: string): Generator<Remark> {
  for (const { steps } of context.stages) {
    const found = steps.filter(step => step.keyword === keyword && !step.isTrigger);
    for (const step of found.slice(0, -1)) {
      yield {
        span: step.span,
        message: `Only the last ${keyword} of an image counts, so this one does nothing. Remove it${keyword === 'CMD' ? ', or make it a RUN if it belongs to the build' : ''}.`,
        fixes: [{ title: `Remove this ${keyword}`, changes: [wholeLines(context, step)] }],
      };
    }
  }
}

const multipleCommands: Rule = {
  id: 'multiple-cmd',
  severity: 'warning',
  *check(context) {
    yield* repeated(context, 'CMD');
    yield* repeated(context, 'ENTRYPOINT');
  },
};

function userOf(stage: Stage | undefined): Step | undefined {
  if (stage === undefined) return undefined;
  return stage.steps.filter(({ keyword, isTrigger }) => keyword === 'USER' && !isTrigger).at(-1) ?? userOf(stage.parent);
}

function isFromScratch(stage: Stage): boolean {
  return stage.parent === undefined ? stage.image === 'scratch' : isFromScratch(stage.parent);
}

const runsAsRoot: Rule = {
  id: 'runs-as-root',
  severity: 'hint',
  *check({ stages }) {
    const last = stages.at(-1);
    // An image without a base has no list of users either.
    if (last === undefined || isFromScratch(last)) return;
    const user = userOf(last);
    if (user === undefined) {
      const starts = last.steps.filter(({ keyword, isTrigger }) => (keyword === 'CMD' || keyword === 'ENTRYPOINT') && !isTrigger);
      const start = starts.at(-1) ?? last.from;
      yield {
        span: start.keywordSpan,
        message:
          'No USER is set, so the program in the container runs as root. That is fine for a first try. For real use, create a user in a RUN and name it with USER.',
      };
    } else if (/^(?:root|0)(?::|$)/.test(user.words[0]?.value ?? '')) {
      yield { span: user.span, message: 'The container will run as root. Switch back to an ordinary user with a last USER line.' };
    }
  },
};

/** Rules about how the container starts and as whom. */
export const startRules: readonly Rule[] = [shellFormCommand, brokenExecForm, execFormInOnePiece, multipleCommands, runsAsRoot];
