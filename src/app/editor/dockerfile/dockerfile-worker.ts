import { expose } from 'comlink';
import { installBufferStandIn } from './buffer-stand-in.ts';
import { createLanguageSupport, type LanguageSupport } from './language-support.ts';

installBufferStandIn();
const support = createLanguageSupport();

// A literal list: Comlink lets the page walk along any path of what it is given.
const surface: LanguageSupport = {
  check: support.check,
  complete: support.complete,
  hover: support.hover,
  signature: support.signature,
  format: support.format,
  formatOnType: support.formatOnType,
  definition: support.definition,
  renameRange: support.renameRange,
  rename: support.rename,
};

expose(surface);
