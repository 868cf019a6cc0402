import { layouts, MAX_WORKSPACE_NAME, themes, type EmbedOptions } from '../core/embed/embed-options.ts';
import { callProblem } from '../core/embed/embed-shapes.ts';
import type { SandboxOptions } from './embed.d.ts';

/** Options that were looked at and made whole. */
export interface CheckedOptions {
  /** Where Drydock is; ends with a slash. */
  readonly site: string;
  readonly embed: EmbedOptions;
  readonly files: SandboxOptions['files'];
  readonly title: string;
}

const names: readonly (keyof SandboxOptions)[] = ['lesson', 'files', 'layout', 'theme', 'url', 'workspace', 'title'];

/** Checks what a host gave, which may be JavaScript without types. Throws a TypeError that says what is wrong. */
export function checkOptions(options: SandboxOptions, ownAddress: string | undefined, place: string): CheckedOptions {
  const unknown = Object.keys(options).find(name => !names.includes(name as keyof SandboxOptions));
  if (unknown !== undefined) throw new TypeError(`createSandbox has no option "${unknown}": there are ${names.join(', ')}.`);
  const { files, layout = 'full', theme = 'auto', title = 'Drydock: a computer with Docker' } = options;
  if (!layouts.includes(layout)) throw wrong('layout', `one of ${layouts.join(', ')}`, layout);
  if (!themes.includes(theme)) throw wrong('theme', `one of ${themes.join(', ')}`, theme);
  if (files !== undefined && options.lesson !== undefined) {
    throw new TypeError('Give "lesson" or "files", not both: a lesson has files of its own. More can be written with writeFiles once it is ready.');
  }
  if (files !== undefined) {
    const problem = callProblem('open', { files });
    if (problem !== undefined) throw new TypeError(problem);
  }
  const workspace = text(options, 'workspace');
  if (workspace !== undefined && workspace.length > MAX_WORKSPACE_NAME) {
    throw wrong('workspace', `a name of ${MAX_WORKSPACE_NAME} characters at most`, workspace);
  }
  const embed = { layout, theme, lesson: text(options, 'lesson'), workspace: workspace ?? shortHash(place), isControlled: true };
  text(options, 'title');
  return { site: siteOf(text(options, 'url') ?? ownAddress), embed, files, title };
}

function text(options: SandboxOptions, name: 'lesson' | 'url' | 'workspace' | 'title'): string | undefined {
  const value: unknown = options[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw wrong(name, 'a text', value);
}

function siteOf(address: string | undefined): string {
  if (address === undefined) throw new TypeError('It is not known where Drydock is: give createSandbox its address as "url".');
  try {
    const url = new URL(address, location.href);
    if (/^https?:$/.test(url.protocol)) return new URL('.', url).href;
  } catch {
    // Told below, as for an address of another kind.
  }
  throw wrong('url', 'a web address', address);
}

function wrong(name: string, wanted: string, given: unknown): TypeError {
  return new TypeError(`"${name}" must be ${wanted}; it is ${JSON.stringify(given)}.`);
}

/** FNV-1a, twice: names a place of the host's page without telling Drydock's server which page it is. */
function shortHash(place: string): string {
  const hash = (seed: number): string => {
    let value = seed;
    for (const character of place) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return (value >>> 0).toString(36);
  };
  return `${hash(0x811c9dc5)}-${hash(0x9e3779b9)}`;
}
