/** Who may import whom: the whole rule as one table (src/README.md draws it). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** A layer, and the layers it may import besides itself. */
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
  'core/lesson': ['core/base', 'core/network', 'core/control', 'core/docker', 'core/workspace', 'core/preview'],
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
  'service-worker': ['core/base', 'core/preview', 'core/offline', 'offline'],
  app: [
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
  ],
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
  comlink: ['worker', 'app'],
  preact: ['app'],
  '@preact/signals': ['app'],
  'monaco-editor': ['app'],
  '@xterm': ['app'],
  'dockerfile-ast': ['app'],
  'dockerfile-language-service': ['app'],
  'node:': ['node'],
  vite: ['node'],
};

/** The one import that crosses: the page's worker API type, which no code of the page runs. */
const exceptions = new Set<string>([]);

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));

function layerOf(path: string): string | undefined {
  const inside = relative(src, path);
  return Object.keys(layers).find(layer => inside === layer || inside.startsWith(`${layer}/`));
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
      if (exceptions.has(`${file} ${name}`)) continue;
      if (name.startsWith('.')) {
        expect([from, ...layers[from!]!], `${file} imports ${name}`).toContain(layerOf(join(dirname(path), name)));
      } else {
        const allowed = ownersOf(name);
        if (allowed) expect(allowed, `${file} imports ${name}`).toContain(from);
      }
    }
  });
});
