import { hasCacheMount, runScripts, type LintContext, type Remark, type Rule, type RunScript, type SpanChange } from '../lint-context.ts';
import type { ShellCommand, ShellWord } from '../shell-commands.ts';

interface Installation {
  readonly script: RunScript;
  readonly command: ShellCommand;
  readonly position: number;
  /** The word `install`. */
  readonly verb: ShellWord;
}

const aptOptionsWithValue = new Set(['-o', '-c', '-t', '-a', '--option', '--config-file', '--target-release', '--default-release']);

/** Whether apt-get or apt is called. */
export function isApt({ program }: ShellCommand): boolean {
  return program === 'apt-get' || program === 'apt';
}

/** `install`, `update`, ... */
export function aptVerb(command: ShellCommand): ShellWord | undefined {
  return command.arguments.find(({ value }, index, all) => !value.startsWith('-') && !aptOptionsWithValue.has(all[index - 1]?.value ?? ''));
}

function* aptInstallations(context: LintContext): Generator<Installation> {
  for (const script of runScripts(context)) {
    for (const [position, command] of script.commands.entries()) {
      const verb = isApt(command) ? aptVerb(command) : undefined;
      if (verb?.value === 'install') yield { script, command, position, verb };
    }
  }
}

/** Puts an option behind `install`; in the exec form words are JSON strings, so nothing is offered. */
function insertOption({ script, verb }: Installation, option: string): NonNullable<Remark['fixes']> {
  if (script.form === 'exec') return [];
  return [{ title: `Add ${option}`, changes: [{ span: { start: verb.span.end, end: verb.span.end }, newText: ` ${option}` }] }];
}

function answersYes({ value }: ShellWord): boolean {
  return /^-[a-zA-Z]*y/.test(value) || value.startsWith('-qq') || /^--(?:yes|assume-yes)$/.test(value) || /assume-yes=(?:true|1|yes)$/i.test(value);
}

const aptInstallYes: Rule = {
  id: 'apt-get-install-yes',
  severity: 'warning',
  *check(context) {
    for (const installation of aptInstallations(context)) {
      const { command, script, position, verb } = installation;
      const isFedYes = command.operator === '|' && script.commands[position - 1]?.program === 'yes';
      if (isFedYes || command.arguments.some(answersYes)) continue;
      yield {
        span: { start: command.words[command.programIndex]?.span.start ?? verb.span.start, end: verb.span.end },
        message: `${command.program} asks "Do you want to continue?" and nobody can answer during a build, so the build stops. Add -y after install.`,
        fixes: insertOption(installation, '-y'),
      };
    }
  },
};

function needsPackageLists({ command, verb }: Installation): boolean {
  const packages = command.arguments.slice(command.arguments.indexOf(verb) + 1).filter(({ value }) => !value.startsWith('-'));
  return packages.length === 0 || packages.some(({ value }) => !/^\.{0,2}\//.test(value));
}

const aptUpdateFirst: Rule = {
  id: 'apt-get-update-first',
  severity: 'warning',
  *check(context) {
    for (const installation of aptInstallations(context)) {
      const { command, script, position, verb } = installation;
      const earlier = script.commands.slice(0, position);
      if (!needsPackageLists(installation) || earlier.some(other => isApt(other) && aptVerb(other)?.value === 'update')) continue;
      // A second install in the same RUN has the same cause; one marker is enough.
      if (earlier.some(other => isApt(other) && aptVerb(other)?.value === 'install')) continue;
      const start = command.words[0]?.span.start ?? verb.span.start;
      const canInsert = script.form !== 'exec' && ['', '&&', ';', '\n'].includes(command.operator) && command.programIndex === 0;
      yield {
        span: { start, end: verb.span.end },
        message: `The package lists may be missing or out of date here: images come without them, and an update in an earlier RUN is cached. Write ${command.program} update && in front, in the same RUN.`,
        fixes: canInsert
          ? [
              {
                title: `Put ${command.program} update && in front`,
                changes: [{ span: { start, end: start }, newText: `${command.program} update && ` }],
              },
            ]
          : [],
      };
    }
  },
};

/** Whether a command throws the package lists away. */
export function removesLists({ program, arguments: words }: ShellCommand): boolean {
  return (program === 'rm' || program === 'find') && words.some(({ value }) => value.startsWith('/var/lib/apt'));
}

function appendCleanUp({ source, escapeCharacter }: LintContext, { step, form, commands }: RunScript): NonNullable<Remark['fixes']> {
  const last = commands.at(-1)?.words.at(-1);
  const isChain = commands.every(({ operator, depth }) => depth === 0 && ['', '&&', ';'].includes(operator));
  // Behind a comment, or in another form, an appended command would not run.
  if (form !== 'shell' || !isChain || last === undefined || /(?:^|\s)#/.test(step.line.text)) return [];
  const isLong = source.slice(step.span).includes('\n');
  const joint = isLong ? ` ${escapeCharacter}${source.lineBreak}    && ` : ' && ';
  const change: SpanChange = { span: { start: step.span.end, end: step.span.end }, newText: `${joint}rm -rf /var/lib/apt/lists/*` };
  return [{ title: 'Remove the package lists at the end', changes: [change] }];
}

const aptCleanLists: Rule = {
  id: 'apt-get-clean-lists',
  severity: 'info',
  *check(context) {
    const seen = new Set<RunScript['step']>();
    for (const { command, script, position, verb } of aptInstallations(context)) {
      if (seen.has(script.step) || hasCacheMount(script.step, '/var/lib/apt')) continue;
      seen.add(script.step);
      if (script.commands.slice(position + 1).some(removesLists)) continue;
      yield {
        span: { start: command.words[command.programIndex]?.span.start ?? verb.span.start, end: verb.span.end },
        message:
          'The downloaded package lists stay in this layer and make the image bigger. End this RUN with && rm -rf /var/lib/apt/lists/* (a later RUN cannot shrink it).',
        fixes: appendCleanUp(context, script),
      };
    }
  },
};

const aptNoRecommends: Rule = {
  id: 'apt-get-no-recommends',
  severity: 'hint',
  *check(context) {
    for (const installation of aptInstallations(context)) {
      const { command, verb } = installation;
      if (command.arguments.some(({ value }) => /^--no-install-recommends$|install-recommends=(?:false|0|no)$/i.test(value))) continue;
      yield {
        span: verb.span,
        message: 'apt also installs packages that are only recommended. Add --no-install-recommends to get just what you name, and a smaller image.',
        fixes: insertOption(installation, '--no-install-recommends'),
      };
    }
  },
};

/** The word `install` of a pip command, also of `python3 -m pip`. */
export function pipInstallVerb({ program, arguments: words }: ShellCommand): ShellWord | undefined {
  const isModule = /^python[\d.]*$/.test(program) && words[0]?.value === '-m' && words[1]?.value === 'pip';
  if (!isModule && !/^pip[\d.]*$/.test(program)) return undefined;
  const verb = words.slice(isModule ? 2 : 0).find(({ value }) => !value.startsWith('-'));
  return verb?.value === 'install' ? verb : undefined;
}

const pipNoCache: Rule = {
  id: 'pip-no-cache-dir',
  severity: 'hint',
  *check(context) {
    for (const { steps } of context.stages) {
      const isOff = steps.some(({ keyword, line }) => (keyword === 'ENV' || keyword === 'ARG') && /\bPIP_NO_CACHE_DIR\b/.test(line.text));
      if (isOff) continue;
      for (const script of runScripts(context, steps)) {
        if (hasCacheMount(script.step, '.cache')) continue;
        for (const [position, command] of script.commands.entries()) {
          const verb = pipInstallVerb(command);
          if (verb === undefined || command.words.some(({ value }) => value === '--no-cache-dir' || value.startsWith('PIP_NO_CACHE_DIR='))) continue;
          yield {
            span: verb.span,
            message: 'pip keeps its downloads in the image, where nobody uses them again. Add --no-cache-dir for a smaller image.',
            fixes: insertOption({ script, command, position, verb }, '--no-cache-dir'),
          };
        }
      }
    }
  },
};

/** Rules about installing packages with apt and pip. */
export const packageRules: readonly Rule[] = [aptInstallYes, aptUpdateFirst, aptCleanLists, aptNoRecommends, pipNoCache];
