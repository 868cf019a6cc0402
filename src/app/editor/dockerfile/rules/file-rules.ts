import { runScripts, type LintContext, type Remark, type Rule, type Stage, type Step } from '../lint-context.ts';
import type { ShellCommand } from '../shell-commands.ts';
import { pipInstallVerb } from './package-rules.ts';

/** The sources of a COPY or ADD: all words but the last. */
function sourcesOf({ json, words }: Step): string[] {
  return (json ?? words.map(({ value }) => value)).slice(0, -1);
}

const installers: Readonly<Record<string, readonly string[]>> = {
  npm: ['install', 'i', 'ci'],
  pnpm: ['install', 'i'],
  yarn: ['install', ''],
  bun: ['install'],
  poetry: ['install'],
  uv: ['sync'],
  bundle: ['install'],
  composer: ['install'],
};

/** The name of a tool that fetches dependencies, unless it installs the project itself. */
function dependencyInstaller(command: ShellCommand): string | undefined {
  const verb = pipInstallVerb(command);
  if (verb !== undefined) {
    const isProject = command.arguments.some(({ value }) => /^\.{1,2}(?:$|\/(?!.*\.txt$)|\[)/.test(value));
    return isProject ? undefined : 'pip install';
  }
  const [first] = command.arguments;
  const subcommand = first === undefined ? '' : first.value;
  return installers[command.program]?.includes(subcommand) === true ? `${command.program} ${subcommand}`.trim() : undefined;
}

function installerAfter(context: LintContext, stage: Stage, step: Step): string | undefined {
  const later = stage.steps.filter(({ span, isTrigger }) => span.start > step.span.start && !isTrigger);
  for (const { commands } of runScripts(context, later)) {
    for (const command of commands) {
      const installer = dependencyInstaller(command);
      if (installer !== undefined) return installer;
    }
  }
  return undefined;
}

function manifestFor(installer: string): string {
  if (installer === 'pip install') return 'requirements.txt';
  return /^(?:npm|pnpm|yarn|bun)\b/.test(installer) ? 'package.json and its lock file' : 'the list of dependencies';
}

const copyBeforeInstall: Rule = {
  id: 'copy-before-install',
  severity: 'info',
  *check(context) {
    for (const stage of context.stages) {
      for (const step of stage.steps) {
        if (step.keyword !== 'COPY' && step.keyword !== 'ADD') continue;
        if (step.isTrigger || step.flags.some(flag => flag.getName() === 'from')) continue;
        if (!sourcesOf(step).some(path => /^\.\/?$/.test(path))) continue;
        const installer = installerAfter(context, stage, step);
        if (installer === undefined) continue;
        yield {
          span: step.span,
          message: `Every edit to any file makes Docker repeat ${installer} below, because this step changes with it. Copy only ${manifestFor(installer)} first, then ${installer}, then COPY the rest.`,
        };
      }
    }
  },
};

function isPlainFile(path: string): boolean {
  return !/^(?:https?:|git@|git:|ssh:)|\.git(?:#|$)|\$|\.(?:tar|tgz|tbz2?|txz|tzst|tar\.\w+)$/i.test(path);
}

const addInsteadOfCopy: Rule = {
  id: 'add-instead-of-copy',
  severity: 'info',
  *check({ steps }) {
    for (const step of steps) {
      const sources = sourcesOf(step);
      if (step.keyword !== 'ADD' || step.heredocs.length > 0 || sources.length === 0 || !sources.every(isPlainFile)) continue;
      if (step.flags.some(flag => ['checksum', 'keep-git-dir', 'unpack'].includes(flag.getName()))) continue;
      yield {
        span: step.keywordSpan,
        message: 'ADD can also download and unpack, so readers must work out which one it does. COPY says plainly that files are only copied.',
        fixes: [{ title: 'Use COPY', changes: [{ span: step.keywordSpan, newText: 'COPY' }] }],
      };
    }
  },
};

function hasAbsoluteWorkdir(stage: Stage | undefined, before: number): boolean {
  if (stage === undefined) return false;
  const isSet = stage.steps.some(({ keyword, span, words }) => keyword === 'WORKDIR' && span.start < before && /^[/$]/.test(words[0]?.value ?? ''));
  return isSet || hasAbsoluteWorkdir(stage.parent, before);
}

const relativeWorkdir: Rule = {
  id: 'relative-workdir',
  severity: 'warning',
  *check({ stages }) {
    for (const stage of stages) {
      for (const { keyword, words, isTrigger, span } of stage.steps) {
        const [path] = words;
        if (keyword !== 'WORKDIR' || isTrigger || path === undefined || /^(?:[/$]|[A-Za-z]:)/.test(path.value)) continue;
        // After an absolute one in this file, everybody can see where a relative one leads.
        if (hasAbsoluteWorkdir(stage, span.start)) continue;
        const absolute = `/${path.value.replace(/^(?:\.\/)+/, '')}`;
        const fixes: Remark['fixes'] = /^\w/.test(path.raw) ? [{ title: `Use ${absolute}`, changes: [{ span: path.span, newText: absolute }] }] : [];
        yield {
          span: path.span,
          message: `Where "${path.value}" ends up depends on the base image's own directory. Start the path with a slash: WORKDIR ${absolute}.`,
          fixes,
        };
      }
    }
  },
};

/** Rules about files and directories. */
export const fileRules: readonly Rule[] = [copyBeforeInstall, addInsteadOfCopy, relativeWorkdir];
