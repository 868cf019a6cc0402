/**
 * `npm run lesson -- check|new|pack|reference`: what the author of a lesson needs (docs/lessons.md). Ends with 1 where a lesson has a problem.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf } from '../../core/base/errors.ts';
import { packLesson } from '../../core/lesson/format/packed-lesson.ts';
import { problemLine } from '../../core/lesson/format/problems.ts';
import { projectFolder } from '../builder/folders.ts';
import { checkLessons } from '../lesson/check-command.ts';
import { readLessonFolder } from '../lesson/lesson-folder.ts';
import { lessonReference, referenceFile } from '../lesson/reference.ts';
import { scaffold } from '../lesson/scaffold.ts';

const USAGE = `npm run lesson -- check [--quick] <folder>…   reads lessons, then does them in the sandbox's machine; --quick only reads
npm run lesson -- new <name>                  begins a lesson in lessons/<name>
npm run lesson -- pack <folder> [<file>]      makes one file of a lesson, to be put on the web
npm run lesson -- reference                   writes ${referenceFile}`;

async function check(args: readonly string[]): Promise<number> {
  const isQuick = args.includes('--quick');
  const folders = args.filter(arg => !arg.startsWith('--'));
  const unknown = args.find(arg => arg.startsWith('--') && arg !== '--quick');
  if (folders.length === 0 || unknown !== undefined) return usage();
  return (await checkLessons(folders, isQuick)) === 0 ? 0 : 1;
}

async function begin(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || rest.length > 0) return usage();
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    throw new Error(`"${name}" cannot be the name of a lesson: use small letters, digits and "-", like "12-my-lesson".`);
  const folder = join(projectFolder, 'lessons', name);
  const shown = relative(process.cwd(), folder) || '.';
  if (existsSync(folder)) throw new Error(`${shown} is there already: choose another name.`);
  const words = name.replace(/^\d+-/, '').replaceAll('-', ' ');
  for (const [path, content] of scaffold(words.charAt(0).toUpperCase() + words.slice(1))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  console.log(`${shown} holds a lesson with two steps: change it as you like. Then:\n  npm run lesson -- check ${shown}`);
  return 0;
}

async function pack(args: readonly string[]): Promise<number> {
  const [folder, file, ...rest] = args;
  if (folder === undefined || rest.length > 0) return usage();
  const { id, files, problems } = await readLessonFolder(folder);
  for (const problem of problems) console.error(problemLine({ ...problem, file: join(folder, problem.file) }));
  if (problems.length > 0) return 1;
  const target = file ?? `${id}.lesson.json`;
  await writeFile(resolve(target), packLesson(id, files));
  console.log(
    `${target}: put it on a web server that allows other sites to read it (CORS), and open Drydock with ?lesson=https://…/${id}.lesson.json`,
  );
  return 0;
}

async function reference(): Promise<number> {
  await writeFile(join(projectFolder, referenceFile), lessonReference());
  console.log(`${referenceFile} is written.`);
  return 0;
}

function usage(): number {
  console.error(USAGE);
  return 1;
}

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = { check, new: begin, pack, reference };

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
try {
  // v86 leaves timers behind that would keep the process alive.
  process.exit(command ? await command(args) : usage());
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
