import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { parsePath } from '../../core/workspace/path.ts';
import { messageOf } from '../../core/base/errors.ts';
import { projectFolder } from '../builder/folders.ts';
import { expectsSomething, transcriptFile, type Transcript, type TranscriptFiles } from './transcript.ts';

export const transcriptsFolder = join(projectFolder, 'test/tutorials/transcripts');

/** Reads all transcripts, by file and then in the file's order. Rejects with every mistake in them, each with its place. */
export async function readTranscripts(folder = transcriptsFolder): Promise<readonly Transcript[]> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.yaml')).sort();
  const problems: string[] = [];
  const transcripts: Transcript[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const read = parseTranscripts(relative(projectFolder, path), await readFile(path, 'utf8'));
    transcripts.push(...read.transcripts);
    problems.push(...read.problems);
  }
  problems.push(...twiceNamed(transcripts));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (transcripts.length === 0) throw new Error(`There are no transcripts in ${relative(projectFolder, folder)}.`);
  return transcripts;
}

/** The transcripts of one file, or what is wrong with it, each problem with the line. */
export function parseTranscripts(file: string, text: string): { readonly transcripts: readonly Transcript[]; readonly problems: readonly string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [fault] = document.errors;
  if (fault) return { transcripts: [], problems: [`${file}:${lines.linePos(fault.pos[0]).line}: ${fault.message}`] };
  const read = transcriptFile.safeParse(document.toJS());
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${file}:${lineAt(document, lines, path)}: ${path.join('.')}: ${message}`);
    return { transcripts: [], problems };
  }
  const transcripts = read.data.transcripts.map(one => ({ ...one, kind: read.data.kind }));
  const problems = transcripts.flatMap((one, index) =>
    problemsOf(one).map(problem => `${file}:${lineAt(document, lines, ['transcripts', index])}: ${one.name}: ${problem}`),
  );
  return { transcripts, problems };
}

/** The line of the innermost part that is there. */
function lineAt(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { readonly range?: readonly [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** A transcript that nothing can fail proves nothing. */
function problemsOf(transcript: Transcript): string[] {
  const problems: string[] = [];
  if (!transcript.steps.some(expectsSomething)) problems.push('No step says what must come of it (`shows`, `exit` or `status`).');
  if (!transcript.steps.some(step => 'run' in step)) problems.push('No step runs a command.');
  const files: readonly TranscriptFiles[] = [transcript.files ?? {}, ...transcript.steps.flatMap(step => ('write' in step ? [step.write] : []))];
  for (const path of files.flatMap(Object.keys)) {
    try {
      parsePath(path);
    } catch (error) {
      problems.push(`The file "${path}": ${messageOf(error)}`);
    }
  }
  return problems;
}

function twiceNamed(transcripts: readonly Transcript[]): string[] {
  const names = transcripts.map(({ name }) => name);
  return names.filter((name, index) => names.indexOf(name) !== index).map(name => `Two transcripts have the name "${name}".`);
}
