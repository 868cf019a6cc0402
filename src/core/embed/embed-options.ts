/** What a page around Drydock can choose, by the address of the frame; embed.js makes such an address, the page reads it. */

/** What the page shows at the beginning. Other parts (a file, the page of a container) appear when the learner asks for them. */
export const layouts = ['full', 'terminal', 'editor-terminal', 'lesson-terminal'] as const;
export type Layout = (typeof layouts)[number];

/** `auto` follows the learner's system. */
export const themes = ['light', 'dark', 'auto'] as const;
export type EmbedTheme = (typeof themes)[number];

/** The longest name of a workspace: it becomes part of a name in the browser's storage. */
export const MAX_WORKSPACE_NAME = 100;

/** How a page embeds Drydock. */
export interface EmbedOptions {
  readonly layout: Layout;
  readonly theme: EmbedTheme;
  /** The id or the address of a lesson. */
  readonly lesson: string | undefined;
  /** Keeps this embed's files apart from those of another on the same host. */
  readonly workspace: string | undefined;
  /** A program of the host wants to control this frame: its files are waited for. */
  readonly isControlled: boolean;
}

/** What an address asked for, and which of it could not be done, in words for the author of the address. */
export interface ReadEmbedOptions {
  readonly options: EmbedOptions;
  readonly problems: readonly string[];
}

const EMBED = 'embed';
const CONTROLLED = 'controlled';

/** Reads the part of an address after `?`; undefined where it does not ask for an embed. What is wrong in it is told and left out. */
export function parseEmbedOptions(parameters: URLSearchParams): ReadEmbedOptions | undefined {
  const embed = parameters.get(EMBED);
  if (embed === null) return undefined;
  const problems: string[] = [];
  const choice = <T extends string>(name: string, allowed: readonly T[], initial: T): T => {
    const value = parameters.get(name) ?? '';
    const found = allowed.find(one => one === value);
    if (found === undefined && value !== '') {
      problems.push(`There is no ${name} "${value}": it can be ${allowed.join(', ')}. This frame uses ${initial}.`);
    }
    return found ?? initial;
  };
  const workspace = parameters.get('workspace') ?? '';
  if (workspace.length > MAX_WORKSPACE_NAME) {
    problems.push(`The name of a workspace can have ${MAX_WORKSPACE_NAME} characters at most: the one given was cut.`);
  }
  const options: EmbedOptions = {
    layout: choice('layout', layouts, 'full'),
    theme: choice('theme', themes, 'auto'),
    lesson: parameters.get('lesson') || undefined,
    workspace: workspace.slice(0, MAX_WORKSPACE_NAME) || undefined,
    isControlled: embed === CONTROLLED,
  };
  return { options, problems };
}

/** The address of a frame with these options, on the Drydock at `site`. */
export function embedUrl(site: string, options: EmbedOptions): string {
  const { layout, theme, lesson, workspace, isControlled } = options;
  const parameters = new URLSearchParams({
    [EMBED]: isControlled ? CONTROLLED : '',
    layout,
    theme,
    ...(lesson === undefined ? {} : { lesson }),
    ...(workspace === undefined ? {} : { workspace }),
  });
  return `${new URL('.', site).href}?${parameters.toString()}`;
}
