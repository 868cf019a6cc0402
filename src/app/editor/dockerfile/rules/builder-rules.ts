import { PropertyInstruction } from 'dockerfile-ast';
import { hasCacheMount, runScripts, type LintContext, type Remark, type Rule, type RunScript, type Stage, type Step } from '../lint-context.ts';
import type { ShellCommand } from '../shell-commands.ts';
import { aptVerb, isApt, pipInstallVerb, removesLists } from './package-rules.ts';

/** A program that downloads packages, and where it keeps them. */
interface Download {
  readonly tool: string;
  readonly mounts: readonly string[];
}

const PIP: Download = { tool: 'pip', mounts: ['type=cache,target=/root/.cache/pip'] };
const NPM: Download = { tool: 'npm', mounts: ['type=cache,target=/root/.npm'] };
const APT: Download = {
  tool: 'apt',
  // Two builds at once would disturb each other.
  mounts: ['type=cache,target=/var/cache/apt,sharing=locked', 'type=cache,target=/var/lib/apt,sharing=locked'],
};

function downloadOf(command: ShellCommand, script: RunScript): Download | undefined {
  const [verb] = command.arguments;
  if (pipInstallVerb(command) !== undefined) {
    // People who have switched the cache off have decided.
    return command.words.some(({ value }) => value === '--no-cache-dir' || value.startsWith('PIP_NO_CACHE_DIR=')) ? undefined : PIP;
  }
  if (command.program === 'npm' && ['install', 'i', 'ci'].includes(verb?.value ?? '')) return NPM;
  if (isApt(command) && aptVerb(command)?.value === 'install') return script.commands.some(removesLists) ? undefined : APT;
  return undefined;
}

/** A cache below /root is of no use to another user. */
function isRootAt({ steps, parent }: Stage, before: number): boolean {
  const user = steps.filter(({ keyword, span, isTrigger }) => keyword === 'USER' && span.start < before && !isTrigger).at(-1);
  if (user !== undefined) return /^(?:root|0)(?::|$)/.test(user.words[0]?.value ?? '');
  return parent === undefined || isRootAt(parent, before);
}

function setsNoCache({ steps }: Stage): boolean {
  return steps.some(({ keyword, line }) => (keyword === 'ENV' || keyword === 'ARG') && /\bPIP_NO_CACHE_DIR\b/.test(line.text));
}

const cacheMount: Rule = {
  id: 'cache-mount',
  severity: 'hint',
  *check(context) {
    for (const stage of context.stages) {
      for (const script of runScripts(context, stage.steps)) {
        const remark = cacheRemark(script, stage);
        if (remark !== undefined) yield remark;
      }
    }
  },
};

function cacheRemark(script: RunScript, stage: Stage): Remark | undefined {
  const { step, commands } = script;
  for (const command of commands) {
    const download = downloadOf(command, script);
    if (download === undefined || (download === PIP && setsNoCache(stage)) || !isRootAt(stage, step.span.start)) continue;
    const missing = download.mounts.filter(mount => !hasCacheMount(step, /target=([^,]+)/.exec(mount)?.[1] ?? mount));
    if (missing.length < download.mounts.length || hasCacheMount(step, '.cache')) continue;
    const mounts = missing.map(mount => `--mount=${mount} `).join('');
    return {
      span: { start: command.words[command.programIndex]?.span.start ?? step.span.start, end: command.words.at(-1)?.span.end ?? step.span.end },
      message: `When this step runs again, ${download.tool} downloads everything again. With a cache mount it reuses the downloads of the last build, and they stay out of the image: RUN ${mounts}...`,
      fixes: step.isTrigger
        ? []
        : [
            {
              title: `Keep ${download.tool}'s downloads in a cache mount`,
              changes: [{ span: behindKeyword(step), newText: ` ${mounts.trimEnd()}` }],
            },
          ],
    };
  }
  return undefined;
}

function behindKeyword({ keywordSpan }: Step): Remark['span'] {
  return { start: keywordSpan.end, end: keywordSpan.end };
}

/** `$name` and `${name...}`, unless a backslash takes its meaning away. */
const VARIABLE = /(?<!\\)\$(?:(?<plain>[A-Za-z_]\w*|[0-9@*#?])|\{(?<braced>[A-Za-z_]\w*))/g;

function variablesIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(VARIABLE), ({ groups }) => groups?.['plain'] ?? groups?.['braced'] ?? ''));
}

/** The names that ARG and ENV of a stage, and of those it is built on, give before a place. */
function declaredBefore({ steps, parent }: Stage, before: number): ReadonlySet<string> {
  const names = new Set(parent === undefined ? [] : declaredBefore(parent, before));
  for (const { instruction, span } of steps) {
    if (span.start >= before || !(instruction instanceof PropertyInstruction)) continue;
    if (!['ARG', 'ENV'].includes(instruction.getKeyword())) continue;
    for (const property of instruction.getProperties()) names.add(property.getName());
  }
  return names;
}

const unquotedHeredoc: Rule = {
  id: 'heredoc-unquoted',
  severity: 'warning',
  *check(context) {
    const globals = globalNames(context);
    for (const stage of context.stages) {
      for (const { keyword, heredocs, span } of stage.steps) {
        if (keyword !== 'COPY' && keyword !== 'ADD') continue;
        const declared = declaredBefore(stage, span.start);
        for (const { name, nameSpan, isQuoted, body } of heredocs) {
          const lost = isQuoted ? undefined : [...variablesIn(body.text)].find(variable => !declared.has(variable) && !globals.has(variable));
          if (lost === undefined) continue;
          yield {
            span: nameSpan,
            message: `Docker replaces $${lost} in this text during the build. No variable of that name is set, so it is lost. Put quotes around the name: <<"${name}" leaves the text as it is.`,
            fixes: [{ title: `Write <<"${name}"`, changes: [{ span: nameSpan, newText: `"${name}"` }] }],
          };
        }
      }
    }
  },
};

/** Where Docker, or the shell of a RUN, puts the value of an ARG. */
const USES_ARGUMENTS = new Set(['ADD', 'ARG', 'COPY', 'ENV', 'EXPOSE', 'LABEL', 'RUN', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR']);

function globalNames({ steps, stages }: LintContext): ReadonlySet<string> {
  const first = stages[0]?.from.span.start ?? 0;
  const names = new Set<string>();
  for (const { instruction, span } of steps) {
    if (span.start >= first || !(instruction instanceof PropertyInstruction)) continue;
    for (const property of instruction.getProperties()) names.add(property.getName());
  }
  return names;
}

/** The text of a step, without the parts that are left as they are: words in single quotes, and texts whose name is in quotes. */
function textOf({ source }: LintContext, { span, json, keyword, heredocs }: Step): string {
  // The list form of RUN knows no shell, and Docker itself replaces nothing in a RUN.
  if (keyword === 'RUN' && json !== undefined) return '';
  const first = heredocs[0]?.body.offsets[0] ?? span.end;
  const bodies = heredocs.filter(({ isQuoted }) => !isQuoted).map(({ body }) => body.text);
  return [source.slice({ start: span.start, end: first }), ...bodies].join('\n').replace(/'[^'\n]*'/g, '');
}

const argOutOfScope: Rule = {
  id: 'arg-before-from',
  severity: 'warning',
  *check(context) {
    const globals = globalNames(context);
    if (globals.size === 0) return;
    for (const stage of context.stages) {
      const told = new Set<string>();
      for (const step of stage.steps) {
        if (!USES_ARGUMENTS.has(step.keyword) || step.isTrigger) continue;
        const text = textOf(context, step);
        const declared = declaredBefore(stage, step.span.start);
        for (const name of variablesIn(text)) {
          // A script may set a variable of that name itself.
          const isSet = step.keyword === 'RUN' && new RegExp(`\\b(?:${name}=|for ${name}\\b|read (?:-r )?${name}\\b)`).test(text);
          if (!globals.has(name) || declared.has(name) || told.has(name) || isSet) continue;
          told.add(name);
          yield outOfScopeRemark(context, stage, step, name);
        }
      }
    }
  },
};

function outOfScopeRemark({ source }: LintContext, stage: Stage, step: Step, name: string): Remark {
  const at = source.slice(step.span).search(new RegExp(`\\$\\{?${name}\\b`));
  const start = step.span.start + Math.max(0, at);
  const end = stage.from.span.end;
  return {
    span: { start, end: start + source.slice({ start, end: step.span.end }).indexOf(name) + name.length },
    message: `An ARG before FROM applies only to FROM lines: $${name} is empty here. Repeat ARG ${name} below this stage's FROM; it then has the same value.`,
    fixes: [{ title: `Write ARG ${name} below FROM`, changes: [{ span: { start: end, end }, newText: `${source.lineBreak}ARG ${name}` }] }],
  };
}

/** Rules about what BuildKit, the builder of this sandbox, makes possible, and about its pitfalls. */
export const builderRules: readonly Rule[] = [argOutOfScope, unquotedHeredoc, cacheMount];
