/** What host pages load: embed.js, and embed.global.js for pages without modules. Its public face is embed.d.ts, written apart from the code. */
import { SandboxError as CoreSandboxError } from '../core/base/errors.ts';
import type * as Public from './embed.d.ts';
import { FrameSandbox } from './frame-sandbox.ts';
import { checkOptions } from './options.ts';

// A classic script knows its own address only while it is run; a module has `import.meta`.
const ownAddress: string | undefined = (document.currentScript as HTMLScriptElement | null)?.src ?? import.meta.url;
let count = 0;

export const createSandbox: typeof Public.createSandbox = (element, options = {}) => {
  if (!(element instanceof HTMLElement)) throw new TypeError('createSandbox(element, options): "element" must be an element of this page.');
  if (typeof options !== 'object' || options === null) throw new TypeError('createSandbox(element, options): "options" must be an object.');
  count += 1;
  const checked = checkOptions(options, ownAddress, `${location.pathname} ${element.id === '' ? count : element.id}`);
  if (self.origin === 'null') {
    throw new TypeError(
      'This page has no origin that Drydock could answer to: serve it over http or https instead of opening it as a file or in a sandboxed frame.',
    );
  }
  return new FrameSandbox(element, checked);
};

export const SandboxError: typeof Public.SandboxError = CoreSandboxError;
