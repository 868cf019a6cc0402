import { PropertyInstruction } from 'dockerfile-ast';
import { runScripts, type LintContext, type Remark, type Rule, type RunScript, type Step } from '../lint-context.ts';
import type { ShellCommand } from '../shell-commands.ts';

function cdRemark(context: LintContext, { step, commands }: RunScript): Remark | undefined {
  const first = commands[0];
  const last = commands.at(-1);
  if (last?.program === 'cd' && last.depth === 0) {
    const path = last.arguments[0];
    const isAlone = commands.length === 1 && path !== undefined && /^\/[\w./-]*$/.test(path.raw);
    return {
      span: { start: last.words[0]?.span.start ?? step.span.start, end: last.words.at(-1)?.span.end ?? step.span.end },
      message: `This cd is forgotten as soon as the RUN ends; the next instruction starts in the old directory. Write WORKDIR ${path?.raw ?? '/path'} instead.`,
      fixes: isAlone && !step.isTrigger ? [{ title: `Use WORKDIR ${path.raw}`, changes: [{ span: step.span, newText: `WORKDIR ${path.raw}` }] }] : [],
    };
  }
  const path = first?.arguments[0];
  if (first?.program !== 'cd' || first.depth > 0 || path === undefined) return undefined;
  return {
    span: { start: first.words[0]?.span.start ?? step.span.start, end: path.span.end },
    message: `This cd holds for this RUN only. WORKDIR ${path.raw} on a line of its own holds for all that follows, and creates the directory.`,
    severity: 'info',
  };
}

const cdInRun: Rule = {
  id: 'cd-in-run',
  severity: 'warning',
  *check(context) {
    for (const script of runScripts(context)) {
      // A script of several lines may well walk about.
      const remark = script.form === 'shell' ? cdRemark(context, script) : undefined;
      if (remark !== undefined) yield remark;
    }
  },
};

function sudoRemark({ words }: ShellCommand, form: RunScript['form']): Remark | undefined {
  const index = words.findIndex(({ value }) => value === 'sudo');
  const sudo = words[index];
  const next = words[index + 1];
  const isPrefix = sudo !== undefined && words.slice(0, index).every(({ value }) => /^[A-Za-z_]\w*=/.test(value));
  if (!isPrefix) return undefined;
  const canRemove = form !== 'exec' && next !== undefined && !next.value.startsWith('-');
  return {
    span: sudo.span,
    message:
      'A build already runs as root, and most images have no sudo, so this fails with "not found". Leave sudo out (after a USER line, switch with USER root).',
    fixes: canRemove ? [{ title: 'Remove sudo', changes: [{ span: { start: sudo.span.start, end: next.span.start }, newText: '' }] }] : [],
  };
}

const sudoInRun: Rule = {
  id: 'sudo-in-run',
  severity: 'warning',
  *check(context) {
    for (const { commands, form } of runScripts(context)) {
      for (const command of commands) {
        const remark = sudoRemark(command, form);
        if (remark !== undefined) yield remark;
      }
    }
  },
};

const exposeMapping: Rule = {
  id: 'expose-port-mapping',
  severity: 'error',
  *check({ steps }) {
    for (const { keyword, words } of steps) {
      if (keyword !== 'EXPOSE') continue;
      for (const { value, span } of words) {
        const inner = /^(?:[\d.]+:)?\d+:(\d+(?:\/\w+)?)$/.exec(value)?.[1];
        if (inner === undefined) continue;
        yield {
          span,
          message: `EXPOSE only names the port inside the container: EXPOSE ${inner}. You choose the outer port when you run the container: docker run -p ${value.replace(/\/\w+$/, '')} ...`,
          fixes: [{ title: `Use EXPOSE ${inner}`, changes: [{ span, newText: inner }] }],
        };
      }
    }
  },
};

const secretName =
  /(?:^|_)(?:PASSWORD|PASSWD|PASS|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|CREDENTIALS?)$|(?:PASSWORD|PASSWD|SECRET|TOKEN)$/i;

/** Settings about passwords (`MYSQL_ALLOW_EMPTY_PASSWORD=yes`) are not passwords. */
const harmlessValue = /^(?:yes|no|true|false|0|1)$/i;

const secretInImage: Rule = {
  id: 'secret-in-image',
  severity: 'warning',
  *check(context) {
    for (const step of context.steps) {
      const { keyword, instruction } = step;
      if ((keyword !== 'ENV' && keyword !== 'ARG') || !(instruction instanceof PropertyInstruction)) continue;
      for (const property of instruction.getProperties()) {
        const name = property.getName();
        const value = property.getValue() ?? '';
        if (!secretName.test(name) || harmlessValue.test(value) || (keyword === 'ENV' && value === '')) continue;
        const advice =
          keyword === 'ENV'
            ? `Pass it when the container starts: docker run -e ${name}=... If a step of the build needs it, use RUN --mount=type=secret,id=${name}.`
            : `Use RUN --mount=type=secret,id=${name}: the step reads /run/secrets/${name}, nothing of it stays in the image, and docker build --secret id=${name},env=${name} passes it in.`;
        yield {
          span: context.source.spanOf(property.getNameRange()),
          message: `"${name}" looks like a secret, and everyone who gets the image can read it with docker history. ${advice}`,
          fixes: keyword === 'ARG' && instruction.getProperties().length === 1 ? secretMountFix(context, step, name) : [],
        };
      }
    }
  },
};

/** Takes the ARG away and gives its value to the steps that use it; not where something else than a plain RUN does. */
function secretMountFix(context: LintContext, argument: Step, name: string): NonNullable<Remark['fixes']> {
  const { source, stages } = context;
  const stage = stages.find(({ steps }) => steps.includes(argument));
  const isUse = new RegExp(`\\$(?:${name}\\b|\\{${name}\\b)`);
  const users = (stage?.steps ?? []).filter(step => step !== argument && isUse.test(source.slice(step.span)));
  const isPlain = users.every(
    ({ keyword, json, heredocs, isTrigger }) => keyword === 'RUN' && json === undefined && heredocs.length === 0 && !isTrigger,
  );
  if (users.length === 0 || !isPlain || stages.some(other => other.parent === stage)) return [];
  const lineEnd = source.text.indexOf('\n', argument.span.end);
  const whole = { start: argument.span.start, end: lineEnd === -1 ? source.text.length : lineEnd + 1 };
  const changes = users.flatMap(({ keywordSpan, line, span }) => {
    const start = line.offsets[0] ?? span.end;
    return [
      { span: { start: keywordSpan.end, end: keywordSpan.end }, newText: ` --mount=type=secret,id=${name}` },
      { span: { start, end: start }, newText: `export ${name}="$(cat /run/secrets/${name})" && ` },
    ];
  });
  return [{ title: 'Take it as a secret of the build', changes: [{ span: whole, newText: '' }, ...changes] }];
}

/** A `#` behind one of these is taken as one more argument; RUN and shell forms leave it to the shell. */
const takesNoTrailingComment = new Set(['FROM', 'COPY', 'ADD', 'WORKDIR', 'USER', 'EXPOSE', 'ENV', 'ARG', 'VOLUME', 'STOPSIGNAL']);

function trailingCommentStart({ keyword, line, json }: Step): number | undefined {
  const isList = (keyword === 'CMD' || keyword === 'ENTRYPOINT') && /^\[.*\]\s+#/.test(line.text) && json === undefined;
  if (!isList && !takesNoTrailingComment.has(keyword)) return undefined;
  const withoutQuoted = line.text.replace(/'[^']*'|"(?:\\.|[^"\\])*"/g, quoted => '_'.repeat(quoted.length));
  const index = withoutQuoted.search(/\s#/);
  // The old form `ENV NAME value # more` takes the rest of the line as its value, which may be meant.
  if (index === -1 || (keyword === 'ENV' && !/^\S+=/.test(line.text))) return undefined;
  return index + 1;
}

const trailingComment: Rule = {
  id: 'trailing-comment',
  severity: 'warning',
  *check({ source, steps }) {
    for (const step of steps) {
      const index = trailingCommentStart(step);
      const start = index === undefined ? undefined : step.line.offsets[index];
      if (start === undefined || step.isTrigger) continue;
      const span = { start, end: step.span.end };
      const comment = source.slice(span);
      const isOneLine = !source.slice(step.span).includes('\n');
      const blankStart = start - (/\s*$/.exec(source.text.slice(step.span.start, start))?.[0].length ?? 0);
      yield {
        span,
        message: `In a Dockerfile a comment needs its own line; here Docker reads the # and the words behind it as part of ${step.keyword}. Move the comment to the line above.`,
        fixes: isOneLine
          ? [
              {
                title: 'Move the comment above',
                changes: [
                  { span: { start: step.span.start, end: step.span.start }, newText: `${comment}${source.lineBreak}` },
                  { span: { start: blankStart, end: step.span.end }, newText: '' },
                ],
              },
            ]
          : [],
      };
    }
  },
};

/** Rules about habits brought along from an ordinary shell. */
export const habitRules: readonly Rule[] = [cdInRun, sudoInRun, exposeMapping, secretInImage, trailingComment];
