import type { PackageFile, PackageProject } from './package-catalog.ts';

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
export function rootPage(projects: readonly PackageProject[], type: string): SimplePage {
  const names = projects.map(project => project.name);
  if (type === JSON_API_TYPE) {
    return { type, text: JSON.stringify({ meta: { 'api-version': API_VERSION }, projects: names.map(name => ({ name })) }) };
  }
  return { type, text: html('Simple index', names.map(name => `<a href="${escaped(name)}/">${escaped(name)}</a>`).join('<br>\n')) };
}

/** The files of a project. Their addresses are relative, so that they hold under each of the index's names. */
export function projectPage({ name, files }: PackageProject, type: string): SimplePage {
  if (type === JSON_API_TYPE) {
    const versions = [...new Set(files.map(versionOf))];
    return { type, text: JSON.stringify({ meta: { 'api-version': API_VERSION }, name, versions, files: files.map(jsonOf) }) };
  }
  return { type, text: html(`Links for ${name}`, files.map(anchorOf).join('<br>\n')) };
}

/** Where a file lies, seen from its project's page. */
function addressOf({ filename }: PackageFile): string {
  return `../../packages/${encodeURIComponent(filename)}`;
}

/** Of a wheel's name (PEP 427): what stands between the first hyphens. */
function versionOf({ filename }: PackageFile): string {
  return filename.split('-')[1] ?? '';
}

function jsonOf(file: PackageFile): unknown {
  return {
    filename: file.filename,
    url: addressOf(file),
    hashes: { sha256: file.sha256 },
    size: file.content.bytes,
    ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
  };
}

function anchorOf(file: PackageFile): string {
  const python = file.requiresPython === undefined ? '' : ` data-requires-python="${escaped(file.requiresPython)}"`;
  return `<a href="${addressOf(file)}#sha256=${file.sha256}"${python}>${escaped(file.filename)}</a>`;
}

function html(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="pypi:repository-version" content="${API_VERSION}"><title>${escaped(title)}</title>`;
  return `<!DOCTYPE html>\n<html><head>${head}</head>\n<body><h1>${escaped(title)}</h1>\n${body}\n</body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
