/** xterm.js and its add-ons in one chunk, imported dynamically: nobody can type before the machine is up. */
export { FitAddon } from '@xterm/addon-fit';
export { SearchAddon } from '@xterm/addon-search';
export { WebLinksAddon } from '@xterm/addon-web-links';
export { Terminal, type ITheme } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
