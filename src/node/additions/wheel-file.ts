import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ERR_ENCRYPTED, Uint8ArrayReader, Uint8ArrayWriter, ZipReader, type Entry } from '@zip.js/zip.js/lib/zip-core-custom.js';
import { messageOf } from '../../core/base/errors.ts';
import { fieldOf, normalizedName } from '../builder/packages/wheel.ts';
import { fitsRequirement } from './requires-python.ts';
import type { SitePython } from './site-pythons.ts';
import { parseWheelName, pythonsFor, whyItFitsNone } from './wheel-tags.ts';

/** A wheel that was looked through and fits. */
export interface WheelFile {
  readonly filename: string;
  readonly bytes: Uint8Array;
  /** Normalized name of the project (PEP 503). */
  readonly project: string;
  readonly version: string;
  /** The site's Pythons that it is for: `3.13`. */
  readonly pythons: readonly string[];
  readonly requiresPython: string | undefined;
  /** Normalized names of the projects that it always needs. */
  readonly needs: readonly string[];
}

/** The information that every wheel has beside METADATA. */
const INFORMATION = ['METADATA', 'WHEEL', 'RECORD'] as const;
type Information = Readonly<Record<(typeof INFORMATION)[number], string>>;

/** Unpacks all of a wheel, which checks it against the archive's own checksums; gives what lies in its .dist-info folder by the name there. */
async function readInformation(bytes: Uint8Array): Promise<Information> {
  const reader = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false, checkSignature: true });
  const found = new Map<string, string>();
  const folders = new Set<string>();
  for await (const entry of reader.getEntriesGenerator()) {
    const content = await unpacked(entry);
    const [, folder, name] = /^([^/]+\.dist-info)\/([^/]+)$/.exec(entry.filename) ?? [];
    if (folder === undefined || name === undefined || content === undefined) continue;
    folders.add(folder);
    found.set(name, new TextDecoder().decode(content).replaceAll('\r\n', '\n'));
  }
  if (folders.size > 1) throw new WheelProblem(`It has several folders of information: ${[...folders].join(', ')}.`);
  const missing = INFORMATION.find(name => !found.has(name));
  if (missing !== undefined) throw new WheelProblem(`It has no ${missing} in a .dist-info folder, so pip cannot install it.`);
  return { METADATA: found.get('METADATA')!, WHEEL: found.get('WHEEL')!, RECORD: found.get('RECORD')! };
}

async function unpacked(entry: Entry): Promise<Uint8Array | undefined> {
  if (entry.directory) return undefined;
  return entry.getData(new Uint8ArrayWriter(), { useWebWorkers: false, checkSignature: true });
}

/** What is wrong with a wheel, in words of ours. */
class WheelProblem extends Error {}

async function informationOf(bytes: Uint8Array): Promise<Information> {
  try {
    return await readInformation(bytes);
  } catch (error) {
    if (error instanceof WheelProblem) throw error;
    const message = messageOf(error);
    if (message === ERR_ENCRYPTED) throw new Error('It is protected by a password, and wheels never are.', { cause: error });
    throw new Error(`It is not a zip archive, or it is damaged (${message}). Copy or download it again.`, { cause: error });
  }
}

/** Versions that differ in how they are written only are the same: `1.0` and `1.0.0`, `1.0_rc1` and `1.0-rc1`. */
function plainVersion(version: string): string {
  return version
    .toLowerCase()
    .replace(/^v/, '')
    .replaceAll(/[-_]/g, '.')
    .replace(/(\.0)+$/, '');
}

/** What is needed whatever the machine and whichever extras. */
function needsOf(metadata: string): string[] {
  const head = metadata.split('\n\n', 1)[0]!;
  const requirements = [...head.matchAll(/^Requires-Dist: *(.*)$/gm)].map(match => match[1]!).filter(text => !text.includes(';'));
  return [...new Set(requirements.map(text => normalizedName(/^[\w.-]+/.exec(text)?.[0] ?? '')))].filter(name => name !== '');
}

/** Reads a wheel and checks that pip could install it in one of the Pythons. Throws sentences that say what is wrong, and what would be right. */
export async function readWheelFile(file: string, all: readonly SitePython[]): Promise<WheelFile> {
  const filename = basename(file);
  const name = parseWheelName(filename);
  if (name === undefined) {
    throw new Error(
      `Its name is not the name of a wheel, and pip goes by the name: NAME-VERSION-PYTHON-ABI-PLATFORM.whl, for example hello-1.0-py3-none-any.whl. Give it the name that it was made with.`,
    );
  }
  const fitting = pythonsFor(name, all);
  if (fitting.length === 0) throw new Error(whyItFitsNone(name, all));
  const bytes = new Uint8Array(await readFile(file));
  const { METADATA, WHEEL } = await informationOf(bytes);
  const format = fieldOf(WHEEL, 'Wheel-Version');
  if (format?.split('.')[0] !== '1') throw new Error(`Its format is ${format ?? 'not said'}, and pip knows format 1.0 of wheels.`);
  const [own, version, project] = [fieldOf(METADATA, 'Name'), fieldOf(METADATA, 'Version'), normalizedName(name.distribution)];
  if (own === undefined || version === undefined) throw new Error('Its METADATA lacks a Name or a Version, so pip would refuse it.');
  if (normalizedName(own) !== project || plainVersion(version) !== plainVersion(name.version)) {
    throw new Error(
      `Its METADATA says ${own} ${version}, and its file name says something else: pip would refuse it. Give it the name that it was made with.`,
    );
  }
  const requiresPython = fieldOf(METADATA, 'Requires-Python');
  const taken = fitting.filter(({ full }) => requiresPython === undefined || fitsRequirement(full, requiresPython));
  if (taken.length === 0) {
    throw new Error(`It needs Python ${requiresPython}, and the site has ${all.map(({ full }) => full).join(', ')}. Use another version of it.`);
  }
  return { filename, bytes, project, version, pythons: taken.map(one => one.version), requiresPython, needs: needsOf(METADATA) };
}
