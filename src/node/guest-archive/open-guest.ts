import { existsSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheFolder, projectFolder } from '../builder/folders.ts';
import { fileSource, type ByteSource } from './byte-source.ts';
import { GuestArchiveError, TAKE_ANOTHER } from './guest-archive-error.ts';
import { GuestArchive } from './guest-archive.ts';
import { httpSource } from './http-source.ts';

interface Project {
  readonly version: string;
  readonly drydock?: { readonly guest?: string };
}

/** What package.json says. */
export function readProject(): Project {
  return JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as Project;
}

/** The name of a version's guest archive. */
export function guestArchiveName(version: string): string {
  return `drydock-guest-${version}.tar`;
}

/** Where the archive is to be taken from. */
export interface GuestPlace {
  /** A folder, a file or an address. */
  readonly place: string;
  /** Somebody asked for it: they want to be told where it cannot be had, and not to wait for a build. */
  readonly isAsked: boolean;
}

/** DRYDOCK_GUEST, or what package.json names where that is not set; undefined where neither is. */
export function guestPlace(environment: NodeJS.ProcessEnv = process.env): GuestPlace | undefined {
  const asked = environment['DRYDOCK_GUEST'];
  if (asked !== undefined) return asked === '' ? undefined : { place: asked, isAsked: true };
  const usual = readProject().drydock?.guest ?? '';
  return usual === '' ? undefined : { place: usual, isAsked: false };
}

/** Opens the archive in a folder, a file or at an address; rejects with a `GuestArchiveError`. */
export async function openGuest(place: string, report: (message: string) => void, silenceMilliseconds?: number): Promise<GuestArchive> {
  const source = /^https?:\/\//.test(place) ? await addressSource(place, report, silenceMilliseconds) : await pathSource(place);
  try {
    return await GuestArchive.open(source, report);
  } catch (error) {
    await source.close();
    throw error;
  }
}

function addressSource(place: string, onProgress: (message: string) => void, silenceMilliseconds?: number): Promise<ByteSource> {
  const name = guestArchiveName(readProject().version);
  let address: URL;
  try {
    address = new URL(place);
  } catch {
    throw new GuestArchiveError(`"${place}" is no address of a guest archive.`, TAKE_ANOTHER);
  }
  if (!address.pathname.endsWith('.tar')) address.pathname = `${address.pathname.replace(/\/$/, '')}/${name}`;
  const downloadFile = join(cacheFolder, `guest-archive.${process.pid}.unfinished`);
  return httpSource(address.href, { downloadFile, onProgress, ...(silenceMilliseconds !== undefined && { silenceMilliseconds }) });
}

/** npm runs scripts in the project's folder, and tells where the user is. */
async function pathSource(given: string): Promise<ByteSource> {
  const place = resolve(process.env['INIT_CWD'] ?? '.', given);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) throw new GuestArchiveError(`There is no file or folder "${place}" to take the guest from.`, TAKE_ANOTHER);
  return fileSource(found.isDirectory() ? await archiveIn(place) : place);
}

/** The archive of this version; where there is only one of another, that: its steps say whether they fit. */
async function archiveIn(folder: string): Promise<string> {
  const name = guestArchiveName(readProject().version);
  if (existsSync(join(folder, name))) return join(folder, name);
  const others = (await readdir(folder)).filter(one => /^drydock-guest-.*\.tar$/.test(one));
  if (others.length === 1) return join(folder, others[0]!);
  throw new GuestArchiveError(`The folder "${folder}" has no ${name} in it.`, TAKE_ANOTHER);
}
