import { Keyword } from 'dockerfile-ast';
import type { DockerfileLanguageService } from 'dockerfile-language-service';
import { editDistance } from '../../../core/base/edit-distance.ts';
import type { Finding, QuickFix, TextRange } from './finding.ts';
import { createSourceText } from './source-text.ts';

type Diagnostic = ReturnType<DockerfileLanguageService['validate']>[number];

/** Codes of `ValidationCode` in dockerfile-utils, which the language service does not export. */
const code = { invalidPort: 24, multipleInstructions: 37, unknownInstruction: 38, singleQuotedList: 49, relativeWorkdir: 50 } as const;

/** Where a teaching rule explains the same fault better, the library's line is left out. */
const explainedBy: Readonly<Record<number, string>> = {
  [code.invalidPort]: 'expose-port-mapping',
  [code.singleQuotedList]: 'broken-exec-form',
};

/** The library's own syntax check, with its corrections as quick fixes and without what `taught` already says. */
export function syntaxFindings(service: DockerfileLanguageService, text: string, taught: readonly Finding[]): Finding[] {
  // No settings: naming one of them would switch off all others (dockerfile-utils 0.16.3, Validator's constructor).
  const diagnostics = service.validate(text);
  return diagnostics.filter(diagnostic => !isExplained(diagnostic, taught)).map(diagnostic => convert(service, text, diagnostic));
}

function isExplained({ code: number, range, message }: Diagnostic, taught: readonly Finding[]): boolean {
  // These two our rules judge by the whole file, also where they stay silent.
  if (number === code.relativeWorkdir) return true;
  if (number === code.multipleInstructions && /\b(?:CMD|ENTRYPOINT)\b/.test(message)) return true;
  return taught.some(finding => {
    const isSameLine = finding.range.start.line <= range.start.line && range.start.line <= finding.range.end.line;
    if (!isSameLine) return false;
    // What the library says about the words of a misplaced comment only leads astray.
    if (finding.id === 'trailing-comment') return range.end.character > finding.range.start.character;
    return finding.id === explainedBy[Number(number)];
  });
}

function convert(service: DockerfileLanguageService, text: string, diagnostic: Diagnostic): Finding {
  const { range, message } = diagnostic;
  const isUnknown = diagnostic.code === code.unknownInstruction;
  const meant = isUnknown ? nearestKeyword(createSourceText(text).slice(createSourceText(text).spanOf(range))) : undefined;
  const fixes = isUnknown ? spellingFix(range, meant) : libraryFixes(service, text, diagnostic);
  return {
    source: 'docker',
    id: isUnknown ? 'unknown-instruction' : `syntax-${diagnostic.code ?? 'other'}`,
    severity: diagnostic.severity === 1 ? 'error' : 'warning',
    message: meant === undefined ? `${message}.` : `${message}. Did you mean ${meant}?`,
    range,
    fixes,
  };
}

function spellingFix(range: TextRange, meant: string | undefined): QuickFix[] {
  return meant === undefined ? [] : [{ title: `Change to ${meant}`, changes: [{ range, newText: meant }] }];
}

function libraryFixes(service: DockerfileLanguageService, text: string, diagnostic: Diagnostic): QuickFix[] {
  const commands = service.computeCodeActions({ uri: '' }, diagnostic.range, { diagnostics: [diagnostic] });
  return commands
    .map(({ title, command, arguments: parameters }) => ({
      title,
      // Null for a command that it does not know after all.
      changes: (service.computeCommandEdits(text, command, parameters ?? []) as QuickFix['changes'] | null) ?? [],
    }))
    .filter(({ changes }) => changes.length > 0);
}

/** The instruction that a learner most likely meant, if any is near enough. */
export function nearestKeyword(typed: string): string | undefined {
  const candidates = Object.values(Keyword).map(keyword => ({ keyword, distance: editDistance(typed.toUpperCase(), keyword) }));
  const [best] = candidates.sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= (typed.length < 6 ? 1 : 2) ? best.keyword : undefined;
}
