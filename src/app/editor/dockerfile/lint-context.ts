import {
  DockerfileParser,
  From,
  JSONInstruction,
  ModifiableInstruction,
  Onbuild,
  type Dockerfile,
  type Flag,
  type Instruction,
} from 'dockerfile-ast';
import type { LintOptions, Severity } from './finding.ts';
import { knownReferences } from './image-reference.ts';
import { readLogicalInstruction, verbatim, type HeredocBody, type LogicalText } from './logical-text.ts';
import { createCommand, parseShellCommands, type ShellCommand, type ShellWord } from './shell-commands.ts';
import { createSourceText, type SourceText, type Span } from './source-text.ts';

/** One instruction with what the rules ask for most. */
export interface Step {
  readonly keyword: string;
  /** An `ONBUILD` step counts for the image built on this one, not for this one. */
  readonly isTrigger: boolean;
  readonly keywordSpan: Span;
  readonly span: Span;
  readonly flags: readonly Flag[];
  /** Everything after keyword and flags, first logical line. */
  readonly line: LogicalText;
  readonly words: readonly ShellWord[];
  readonly heredocs: readonly HeredocBody[];
  /** The strings of the exec form, or nothing in the shell form. */
  readonly json: readonly string[] | undefined;
  readonly instruction: Instruction;
}

/** A build stage: a FROM and what follows it. */
export interface Stage {
  readonly index: number;
  readonly from: Step;
  readonly name: string | undefined;
  /** The base image with ARGs filled in; nothing when an ARG has no default. */
  readonly image: string | undefined;
  readonly parent: Stage | undefined;
  readonly steps: readonly Step[];
}

/** The commands of one RUN. */
export interface RunScript {
  readonly step: Step;
  readonly form: 'shell' | 'heredoc' | 'exec';
  readonly commands: readonly ShellCommand[];
}

/** What every rule gets. */
export interface LintContext {
  readonly source: SourceText;
  readonly escapeCharacter: string;
  readonly steps: readonly Step[];
  readonly stages: readonly Stage[];
  readonly known: readonly string[];
  /** What can be pulled besides, in short form; empty while it is not known. */
  readonly pullable: readonly string[];
  readonly givesNearest: boolean;
}

/** A replacement in offsets. */
export interface SpanChange {
  readonly span: Span;
  readonly newText: string;
}

/** What a rule says; the table of rules adds the id and turns offsets into lines. */
export interface Remark {
  readonly span: Span;
  readonly message: string;
  /** Only where it differs from the rule's own. */
  readonly severity?: Severity;
  readonly fixes?: readonly { readonly title: string; readonly changes: readonly SpanChange[] }[];
}

/** One teaching rule. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  check(context: LintContext): Iterable<Remark>;
}

/** Parses the text once for all rules. */
export function createLintContext(text: string, { imageReferences, hubReferences, givesNearest = false }: LintOptions): LintContext {
  const source = createSourceText(text);
  const dockerfile = DockerfileParser.parse(text);
  const escapeCharacter = dockerfile.getEscapeCharacter();
  const steps = dockerfile.getInstructions().map(instruction => createStep(source, escapeCharacter, instruction));
  const known = knownReferences(imageReferences);
  const pullable = knownReferences(hubReferences).filter(reference => !known.includes(reference));
  return { source, escapeCharacter, steps, stages: createStages(dockerfile, steps), known, pullable, givesNearest };
}

function createStep(source: SourceText, escapeCharacter: string, outer: Instruction): Step {
  const trigger = outer instanceof Onbuild ? outer.getTriggerInstruction() : null;
  const instruction = trigger ?? outer;
  const span = source.spanOf(outer.getRange());
  const first = instruction.getArguments()[0];
  const start = first === undefined ? span.end : source.offsetAt(first.getRange().start);
  const { line, heredocs } = readLogicalInstruction(source.text, { start, end: span.end }, escapeCharacter);
  return {
    keyword: instruction.getKeyword(),
    isTrigger: trigger !== null,
    keywordSpan: source.spanOf(instruction.getInstructionRange()),
    span,
    flags: instruction instanceof ModifiableInstruction ? instruction.getFlags() : [],
    line,
    words: parseShellCommands(line).flatMap(({ words }) => words),
    heredocs,
    json: parseExecForm(line.text),
    instruction,
  };
}

function parseExecForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((item): item is string => typeof item === 'string') ? parsed : undefined;
  } catch {
    // Not JSON is an answer, not a failure: Docker then takes the shell form.
    return undefined;
  }
}

function createStages(dockerfile: Dockerfile, steps: readonly Step[]): Stage[] {
  const globals = globalArguments(dockerfile);
  const stages: (Stage & { steps: Step[] })[] = [];
  for (const step of steps) {
    const current = stages.at(-1);
    if (!(step.instruction instanceof From)) {
      current?.steps.push(step);
      continue;
    }
    const written = step.instruction.getImage();
    const image = written === null ? undefined : expand(written, globals);
    stages.push({
      index: stages.length,
      from: step,
      name: step.instruction.getBuildStage()?.toLowerCase(),
      image,
      parent: stages.find(({ name }) => name !== undefined && name === image?.toLowerCase()),
      steps: [],
    });
  }
  return stages;
}

function globalArguments(dockerfile: Dockerfile): Map<string, string> {
  const values = new Map<string, string>();
  for (const argument of dockerfile.getInitialARGs()) {
    for (const property of argument.getProperties()) {
      const value = expand(property.getValue() ?? '', values);
      if (value !== undefined && value !== '') values.set(property.getName(), value);
    }
  }
  return values;
}

function expand(text: string, values: ReadonlyMap<string, string>): string | undefined {
  let isKnown = true;
  const expanded = text.replace(
    /\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})/g,
    (_, plain?: string, braced?: string, modifier?: string, other?: string) => {
      const value = values.get(plain ?? braced ?? '');
      if (modifier === '+') return value === undefined ? '' : (other ?? '');
      if (value === undefined && modifier === undefined) isKnown = false;
      return value ?? other ?? '';
    },
  );
  return isKnown && expanded !== '' && !expanded.includes('$') ? expanded : undefined;
}

/** The commands of each RUN of a stage (or of all stages). */
export function runScripts(context: LintContext, steps: readonly Step[] = context.steps): RunScript[] {
  return steps.filter(({ keyword }) => keyword === 'RUN').map(step => readScript(context, step));
}

function readScript({ source }: LintContext, step: Step): RunScript {
  if (step.json !== undefined && step.instruction instanceof JSONInstruction) {
    const strings = step.instruction.getJSONStrings().map((string): ShellWord => {
      const value = string.getJSONValue();
      return { value, raw: value, span: source.spanOf(string.getJSONRange()) };
    });
    const [shell, option, script] = strings;
    if (script !== undefined && /(?:^|\/)(?:ba|da)?sh$/.test(shell?.value ?? '') && /^-\w*c$/.test(option?.value ?? '')) {
      return { step, form: 'exec', commands: parseShellCommands(verbatim(source.text, script.span)) };
    }
    return { step, form: 'exec', commands: strings.length === 0 ? [] : [createCommand(strings, '', 0)] };
  }
  const commands = parseShellCommands(step.line);
  const [heredoc] = step.heredocs;
  if (heredoc === undefined) return { step, form: 'shell', commands };
  // `RUN python3 <<EOF` and a `#!` line mean another language than the shell's.
  const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(heredoc.body.text);
  const reader = interpreter === null ? (step.words[0]?.value ?? 'sh') : (interpreter[2] ?? interpreter[1] ?? 'sh');
  const isShell = /(?:^|\/)(?:ba|da)?sh$/.test(reader);
  return { step, form: 'heredoc', commands: isShell ? parseShellCommands(heredoc.body) : commands };
}

/** Whether a RUN keeps a path in BuildKit's cache instead of in the image. */
export function hasCacheMount({ flags }: Step, path: string): boolean {
  return flags.some(
    flag => flag.getName() === 'mount' && flag.getValue()?.includes('type=cache') === true && flag.getValue()?.includes(path) === true,
  );
}
