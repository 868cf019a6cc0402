import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packTar, type TarSource } from 'modern-tar/fs';
import type { BuiltStep } from '../builder/step.ts';
import { runProgram } from '../builder/run.ts';
import { contentName, GUEST_FORMAT, layoutOf, MANIFEST_NAME, type ArchivedContent, type ArchivedFile, type ArchivedStep } from './guest-manifest.ts';

/** What only later steps need, and only when they are built: disks and layers as they are before they are cut into pieces. By the step's name. */
const FOR_BUILDING: readonly (readonly [step: RegExp, path: RegExp])[] = [
  [/^(root|store)$/, /^disk\.img$/],
  [/^(images|image-.*)$/, /\.tar$/],
  [/^bytecode$/, /./],
];
/** Such files are packed; smaller ones are not worth a program of their own, and all others are packed already. In bytes. */
const PACK_FROM_BYTES = 1024 * 1024;
/** Which threads share the work makes no difference to the bytes. */
const PACK_OPTIONS = ['-q', '-6', '-T0', '--long=27', '--check'];
const USUAL_MODE = 0o644;
/** The same content gives the same archive. */
const NO_TIME = new Date(0);
const NOBODY = { mtime: NO_TIME, uid: 0, gid: 0, uname: '', gname: '' };

/** A step with its name. */
export type NamedStep = BuiltStep & { readonly name: string };

interface FoundFile {
  readonly step: NamedStep;
  readonly path: string;
  readonly mode: number;
  readonly bytes: number;
  readonly isForBuilding: boolean;
}

/** A content with the file that has it. */
interface StoredContent extends ArchivedContent {
  readonly file: string;
}

/** What was written. */
export interface WrittenArchive {
  readonly steps: number;
  /** Of the archive. */
  readonly bytes: number;
  /** Of what a site is made from; the rest is for building. */
  readonly servedBytes: number;
}

/** Writes built steps into one tar, with guest.json first. `now` is only what is in the steps: no times, no owners, sorted. */
export async function writeGuestArchive(
  steps: readonly NamedStep[],
  version: string,
  target: string,
  report: (message: string) => void,
): Promise<WrittenArchive> {
  // Sorted: in which order they were asked for depends on which was ready first.
  const unique = [...new Map(steps.map(step => [`${step.name}-${step.key}`, step])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, step]) => step);
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), '.packing-'));
  try {
    const { archived, contents } = await gather(unique, work, report);
    const manifest = Buffer.from(
      JSON.stringify({ format: GUEST_FORMAT, version, steps: archived, contents: contents.map(({ file: _file, ...content }) => content) }),
    );
    const sources: TarSource[] = [
      { type: 'content', target: MANIFEST_NAME, content: manifest, mode: USUAL_MODE, ...NOBODY },
      ...contents.map((content): TarSource => ({ type: 'file', source: content.file, target: contentName(content), mode: USUAL_MODE, ...NOBODY })),
    ];
    const unfinished = `${target}.unfinished`;
    await pipeline(packTar(sources), createWriteStream(unfinished));
    const { size } = await stat(unfinished);
    const { end } = layoutOf(manifest.length, contents);
    if (size !== end) throw new Error(`the archive has ${size} bytes, not ${end} as its list says`);
    // A name that is there is a whole archive.
    await rename(unfinished, target);
    const served = new Set(archived.flatMap(({ files }) => files.flatMap(file => (file.isForBuilding ? [] : [file.content]))));
    return { steps: archived.length, bytes: size, servedBytes: [...served].reduce((sum, content) => sum + contents[content]!.bytes, 0) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Gathered {
  readonly archived: readonly ArchivedStep[];
  readonly contents: readonly StoredContent[];
}

/** First all that a site needs, so that it stands together; then what is for building. */
async function gather(steps: readonly NamedStep[], work: string, report: (message: string) => void): Promise<Gathered> {
  const files = (await Promise.all(steps.map(filesOf))).flat();
  const contents: StoredContent[] = [];
  const places = new Map<string, number>();
  const chosen = new Map<FoundFile, number>();
  for (const file of [...files.filter(one => !one.isForBuilding), ...files.filter(one => one.isForBuilding)]) {
    const source = join(file.step.folder, file.path);
    const sha256 = await sha256Of(source);
    if (!places.has(sha256)) {
      places.set(sha256, contents.length);
      contents.push(await store(source, sha256, file, work, report));
    }
    chosen.set(file, places.get(sha256)!);
  }
  const archived = steps.map(({ name, key, folder }): ArchivedStep => {
    const own = files.filter(({ step }) => step.folder === folder);
    return { name, key, files: own.map(file => entryOf(file, chosen.get(file)!)) };
  });
  return { archived, contents };
}

function entryOf({ path, mode, isForBuilding }: FoundFile, content: number): ArchivedFile {
  return { path, content, ...(mode !== USUAL_MODE && { mode }), ...(isForBuilding && { isForBuilding }) };
}

async function store(source: string, sha256: string, file: FoundFile, work: string, report: (message: string) => void): Promise<StoredContent> {
  if (!file.isForBuilding || file.bytes < PACK_FROM_BYTES) return { sha256, bytes: file.bytes, file: source };
  const packed = join(work, `${sha256}.zst`);
  await runProgram('zstd', [...PACK_OPTIONS, source, '-o', packed]);
  const { size } = await stat(packed);
  report(`${file.step.name}/${file.path.slice(0, 20)}: ${(file.bytes / 1e6).toFixed(0)} MB packed into ${(size / 1e6).toFixed(0)}`);
  return { sha256: await sha256Of(packed), bytes: size, isPacked: true, file: packed };
}

async function filesOf(step: NamedStep): Promise<readonly FoundFile[]> {
  const entries = await readdir(step.folder, { recursive: true, withFileTypes: true });
  const odd = entries.find(entry => !entry.isFile() && !entry.isDirectory());
  if (odd) throw new Error(`${join(odd.parentPath, odd.name)} is neither a file nor a folder: the guest archive has no way to say so`);
  const paths = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(step.folder.length + 1))
    // The step's own notes: when it was done, and what is not fetched.
    .filter(path => !path.startsWith('.'))
    .map(path => path.split(sep).join('/'))
    .sort();
  const rules = FOR_BUILDING.filter(([name]) => name.test(step.name));
  return Promise.all(
    paths.map(async path => {
      const { mode, size } = await stat(join(step.folder, path));
      return { step, path, mode: mode & 0o777, bytes: size, isForBuilding: rules.some(([, rule]) => rule.test(path)) };
    }),
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
