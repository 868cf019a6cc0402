import type { PackageProject } from './package-catalog.ts';

/** The version of the simple API that the pages keep to (PEP 700). */
const API_VERSION = '1.1';

export const HTML_TYPE = 'text/html';
const HTML_API_TYPE = 'application/vnd.pypi.simple.v1+html';
const JSON_API_TYPE = 'application/vnd.pypi.simple.v1+json';

/** What a client may ask for, and what it gets then. */
const offers: Record<string, string> = {
  [JSON_API_TYPE]: JSON_API_TYPE,
  'application/vnd.pypi.simple.latest+json': JSON_API_TYPE,
  [HTML_API_TYPE]: HTML_API_TYPE,
  'application/vnd.pypi.simple.latest+html': HTML_API_TYPE,
  [HTML_TYPE]: HTML_TYPE,
};

/** A file as a page lists it. */
export interface ListedFile {
  readonly filename: string;
  readonly sha256: string;
  /** Where it is told. */
  readonly bytes: number | undefined;
  readonly requiresPython?: string;
  /** Why it was withdrawn; empty where no reason is given (PEP 592). */
  readonly yanked?: string;
  /** Of its METADATA, which is then beside it (PEP 658). */
  readonly metadataSha256?: string;
}

/** A page and the media type it is written in. */
export interface SimplePage {
  readonly type: string;
  readonly text: string;
}

/** The media type to answer in, from an Accept header (PEP 691). Plain HTML where nothing else is asked for. */
export function typeFor(accept: string | undefined): string {
  let best = { type: HTML_TYPE, quality: 0 };
  for (const range of (accept ?? '').split(',')) {
    const [name = '', ...parameters] = range.split(';').map(text => text.trim().toLowerCase());
    const weight = parameters.find(parameter => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    const type = offers[name];
    if (type !== undefined && quality > best.quality) best = { type, quality };
  }
  return best.type;
}

/** The list of all projects. */
export function rootPage(projects: readonly Pick<PackageProject, 'name'>[], type: string): SimplePage {
  const names = projects.map(project => project.name);
  if (type === JSON_API_TYPE) {
    return { type, text: JSON.stringify({ meta: { 'api-version': API_VERSION }, projects: names.map(name => ({ name })) }) };
  }
  return { type, text: html('Simple index', names.map(name => `<a href="${escaped(name)}/">${escaped(name)}</a>`).join('<br>\n')) };
}

/** The files of a project. Their addresses are relative, so that they hold under each of the index's names. */
export function projectPage({ name, files }: { readonly name: string; readonly files: readonly ListedFile[] }, type: string): SimplePage {
  if (type === JSON_API_TYPE) {
    const versions = [...new Set(files.map(versionOf))];
    return { type, text: JSON.stringify({ meta: { 'api-version': API_VERSION }, name, versions, files: files.map(jsonOf) }) };
  }
  return { type, text: html(`Links for ${name}`, files.map(anchorOf).join('<br>\n')) };
}

/** Where a file lies, seen from its project's page. */
function addressOf({ filename }: ListedFile): string {
  return `../../packages/${encodeURIComponent(filename)}`;
}

/** Of a wheel's name (PEP 427): what stands between the first hyphens. */
function versionOf({ filename }: ListedFile): string {
  return filename.split('-')[1] ?? '';
}

function jsonOf(file: ListedFile): unknown {
  return {
    filename: file.filename,
    url: addressOf(file),
    hashes: { sha256: file.sha256 },
    ...(file.bytes !== undefined && { size: file.bytes }),
    ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
    ...(file.yanked !== undefined && { yanked: file.yanked === '' ? true : file.yanked }),
    ...(file.metadataSha256 !== undefined && { 'core-metadata': { sha256: file.metadataSha256 } }),
  };
}

function anchorOf(file: ListedFile): string {
  const data = [
    ...(file.requiresPython === undefined ? [] : [['requires-python', file.requiresPython]]),
    ...(file.yanked === undefined ? [] : [['yanked', file.yanked]]),
    ...(file.metadataSha256 === undefined ? [] : [['core-metadata', `sha256=${file.metadataSha256}`]]),
  ];
  const attributes = data.map(([name, value]) => ` data-${name}="${escaped(value!)}"`).join('');
  return `<a href="${addressOf(file)}#sha256=${file.sha256}"${attributes}>${escaped(file.filename)}</a>`;
}

function html(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="pypi:repository-version" content="${API_VERSION}"><title>${escaped(title)}</title>`;
  return `<!DOCTYPE html>\n<html><head>${head}</head>\n<body><h1>${escaped(title)}</h1>\n${body}\n</body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
