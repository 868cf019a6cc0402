/** Who may import whom: the whole rule as one table (src/README.md draws it). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** What all rooms of the page may use. */
const neutral = [
  'core/base',
  'core/network',
  'core/workspace',
  'core/preview',
  'core/protocol',
  'core/docker',
  'core/upstream',
  // Only the names of images: what is nearest to what.
  'core/hub',
  'core/lesson',
  'core/embed',
  'core/lab',
  'core/offline',
  'offline',
  'core/share',
] as const;

/** One room for each thing that a learner sees. None knows another, so that each can be read, and changed, alone. */
const features = [
  'app/containers',
  'app/editor',
  'app/files',
  'app/lab',
  'app/lesson',
  'app/library',
  'app/network',
  'app/offline',
  'app/preview',
  'app/share',
  'app/snapshots',
  'app/terminal',
];

/**
 * A layer, and the layers it may import besides itself. A layer inside another one has its own list; whoever may import the outer one from elsewhere
 * may import it too.
 */
const layers: Record<string, readonly string[]> = {
  'core/base': [],
  'core/machine': ['core/base'],
  'core/network': ['core/base'],
  'core/control': ['core/base', 'core/network'],
  'core/docker': ['core/base', 'core/network'],
  // The way to servers outside.
  'core/upstream': ['core/base', 'core/network'],
  'core/hub': ['core/base', 'core/network', 'core/upstream'],
  'core/packages': ['core/base', 'core/network', 'core/upstream'],
  'core/npm': ['core/base', 'core/network', 'core/upstream'],
  'core/archive': ['core/base', 'core/network', 'core/upstream'],
  'core/preview': ['core/base', 'core/network'],
  'core/offline': ['core/base'],
  'core/workspace': ['core/base'],
  'core/snapshots': ['core/base', 'core/machine'],
  // What is asked of the learner's machine. It does not know how lessons are written.
  'core/lesson/check': ['core/base', 'core/network', 'core/control', 'core/docker', 'core/workspace', 'core/preview', 'core/lesson'],
  // How lessons are written.
  'core/lesson/format': ['core/base', 'core/workspace', 'core/preview', 'core/lesson', 'core/lesson/check'],
  'core/lesson': ['core/workspace'],
  'core/share': ['core/base', 'core/workspace'],
  'core/protocol': [
    'core/base',
    'core/network',
    'core/control',
    'core/docker',
    'core/hub',
    'core/preview',
    'core/snapshots',
    'core/upstream',
    'core/workspace',
  ],
  'core/embed': ['core/base', 'core/workspace', 'core/protocol'],
  // What the site serves: fetched, checked, tried again.
  'core/sandbox/load': ['core/base', 'core/machine', 'core/protocol', 'core/snapshots', 'core/workspace'],
  // What belongs to the guest while it runs.
  'core/sandbox/guest': ['core/base', 'core/control', 'core/docker', 'core/machine', 'core/preview', 'core/protocol', 'core/workspace'],
  // What is kept of a machine.
  'core/sandbox/save': ['core/base', 'core/machine', 'core/protocol', 'core/snapshots', 'core/workspace', 'core/sandbox/guest', 'core/sandbox/load'],
  // What the guest finds when it opens a connection.
  'core/sandbox/outside': [
    'core/base',
    'core/network',
    'core/hub',
    'core/packages',
    'core/npm',
    'core/archive',
    'core/upstream',
    'core/protocol',
    'core/workspace',
    'core/sandbox/load',
  ],
  'core/sandbox': [
    'core/base',
    'core/machine',
    'core/control',
    'core/network',
    'core/docker',
    'core/hub',
    'core/packages',
    'core/npm',
    'core/archive',
    'core/upstream',
    'core/preview',
    'core/workspace',
    'core/protocol',
    'core/snapshots',
  ],
  'core/lab': ['core/base', 'core/machine', 'core/control', 'core/network', 'core/docker', 'core/lesson', 'core/protocol', 'core/sandbox'],
  // What page, worker and service worker keep in the browser.
  offline: ['core/base', 'core/offline'],
  worker: [
    'core/base',
    'core/upstream',
    'core/machine',
    'core/sandbox',
    'core/protocol',
    'core/workspace',
    'core/lab',
    'core/snapshots',
    'core/offline',
    'offline',
  ],
  // What runs in pages of containers.
  'page-script': ['core/base', 'core/preview'],
  // Of the page's script it knows what to tell it.
  'service-worker': ['core/base', 'core/preview', 'core/offline', 'offline', 'page-script'],
  // Buttons, dialogs, icons: they know nothing of what the page is about.
  'app/ui': ['core/base'],
  // What the page is about, without any view.
  'app/session': [...neutral],
  ...Object.fromEntries(features.map(feature => [feature, [...neutral, 'app/session', 'app/ui']])),
  // Its virtual machine has a console, which is a terminal.
  'app/lab': [...neutral, 'app/session', 'app/ui', 'app/terminal'],
  // The page around Drydock, which speaks for the learner.
  'app/embed': [...neutral, 'app/session'],
  // Puts the page together.
  'app/page': [...neutral, 'app/session', 'app/ui', ...features],
  app: [...neutral],
  // What host pages load: it has no dependency, and little code.
  embed: ['core/base', 'core/embed', 'core/protocol'],
  node: [
    'core/base',
    'core/network',
    'core/machine',
    'core/sandbox',
    'core/snapshots',
    'core/protocol',
    'core/workspace',
    'core/hub',
    'core/packages',
    'core/npm',
    'core/archive',
    'core/upstream',
    'core/docker',
    'core/lesson',
    'core/embed',
    'core/lab',
    'core/offline',
  ],
};

/** Each large dependency has the folders that may know it. */
const owners: Record<string, readonly string[]> = {
  v86: ['core/machine'],
  zstddec: ['core/sandbox'],
  '@zip.js': ['core/share', 'node'],
  zod: ['core/lesson', 'node'],
  yaml: ['core/lesson', 'app', 'node'],
  re2js: ['core/lesson'],
  mdast: ['core/lesson'],
  'mdast-util-directive': ['core/lesson'],
  'mdast-util-from-markdown': ['core/lesson'],
  'mdast-util-gfm-table': ['core/lesson'],
  'micromark-extension-directive': ['core/lesson'],
  'micromark-extension-gfm-table': ['core/lesson'],
  '@noble/hashes': ['core/base'],
  '@noble/ed25519': ['core/base'],
  comlink: ['worker', 'app/session', 'app/editor', 'app/preview'],
  preact: ['app'],
  '@preact/signals': ['app'],
  'monaco-editor': ['app/editor'],
  '@xterm': ['app/terminal'],
  'dockerfile-ast': ['app/editor'],
  'dockerfile-language-service': ['app/editor'],
  'node:': ['node'],
  vite: ['node'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));

function layerOf(path: string): string | undefined {
  const inside = relative(src, path);
  return Object.keys(layers)
    .filter(layer => isIn(inside, layer))
    .sort((a, b) => b.length - a.length)[0];
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** May one layer import another? */
function mayImport(from: string, to: string): boolean {
  return [from, ...layers[from]!].some(allowed => to === allowed || (isIn(to, allowed) && !(from !== allowed && isIn(from, allowed))));
}

function importsOf(file: string): string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(file, readFileSync(file, 'utf8')).module;
  const text = readFileSync(file, 'utf8');
  const reexports = staticExports.flatMap(({ entries }) => entries.map(entry => entry.moduleRequest?.value));
  const dynamic = dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start, moduleRequest.end).replace(/^['"]|['"]$/g, ''));
  return [...staticImports.map(({ moduleRequest }) => moduleRequest.value), ...reexports, ...dynamic].filter(name => name !== undefined);
}

function ownersOf(name: string): readonly string[] | undefined {
  const key = Object.keys(owners).find(one => name === one || name.startsWith(one.endsWith(':') ? one : `${one}/`));
  return key === undefined ? undefined : owners[key];
}

describe('layers', () => {
  test('there are files to look at', () => expect(files.length).toBeGreaterThan(50));

  test.each(files)('%s imports only what its layer may', file => {
    const path = join(src, file);
    const from = layerOf(path);
    expect(from, 'every file lives in a known layer').toBeDefined();
    for (const name of importsOf(path)) {
      if (name.startsWith('.')) {
        const to = layerOf(join(dirname(path), name));
        expect(to !== undefined && mayImport(from!, to), `${file} imports ${name}: ${from} may not import ${to}`).toBe(true);
      } else {
        const allowed = ownersOf(name);
        if (allowed)
          expect(
            allowed.some(layer => isIn(from!, layer)),
            `${file} imports ${name}`,
          ).toBe(true);
      }
    }
  });
});
