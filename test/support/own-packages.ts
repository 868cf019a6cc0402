import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { checkArchiveCatalog } from '../../src/core/archive/archive-catalog.ts';
import { checkPackageCatalog } from '../../src/core/packages/package-catalog.ts';
import type { ArtifactHost, ArtifactName } from '../../src/core/sandbox/load/artifact-host.ts';
import { BlobLoader } from '../../src/core/sandbox/load/blob-loader.ts';
import { readDebFile } from '../../src/node/additions/deb-file.ts';
import { readWheelFile } from '../../src/node/additions/wheel-file.ts';
import { sitePythons } from '../../src/node/additions/site-pythons.ts';
import { extendArchive } from '../../src/node/additions/with-debs.ts';
import { extendIndex } from '../../src/node/additions/with-wheels.ts';
import { writeAr } from '../../src/node/builder/archive/ar.ts';
import { readLock } from '../../src/node/builder/debian-lock.ts';
import { packZip } from '../../src/node/zip.ts';
import { tarOf } from './image-layout.ts';

/** A wheel's files may differ from what is right; `undefined` leaves one out. */
export interface WheelParts {
  readonly metadata?: string | undefined;
  readonly record?: string | undefined;
  readonly wheel?: string | undefined;
}

/** A wheel with one module that says hello. */
export function wheelOf(name: string, version: string, parts: WheelParts = {}): Buffer {
  const folder = `${name}-${version}.dist-info`;
  const all = {
    metadata: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    wheel: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    record: `${name}.py,,\n${folder}/METADATA,,\n${folder}/WHEEL,,\n${folder}/RECORD,,\n`,
    ...parts,
  };
  const text = (path: string, content: string | undefined) => (content === undefined ? [] : [{ path, bytes: Buffer.from(content) }]);
  return packZip([
    ...text(`${name}.py`, `print('hello from ${name} ${version}')\n`),
    ...text(`${folder}/METADATA`, all.metadata),
    ...text(`${folder}/WHEEL`, all.wheel),
    ...text(`${folder}/RECORD`, all.record),
  ]);
}

/** A .deb whose control file has these fields, with one program. */
export async function debOf(fields: Readonly<Record<string, string>>): Promise<Buffer> {
  const control = Object.entries({ Architecture: 'all', Maintainer: 'A Teacher <teacher@example.org>', Description: 'a greeting', ...fields });
  const lines = control.map(([name, value]) => `${name}: ${value}\n`).join('');
  const name = fields['Package'] ?? 'none';
  const folders = ['.', './usr', './usr/share', `./usr/share/${name}`].map(path => ({
    header: { name: `${path}/`, size: 0, type: 'directory' as const },
  }));
  const body = Buffer.from(`hello from ${name}\n`);
  const greeting = { header: { name: `./usr/share/${name}/greeting`, size: body.length, type: 'file' as const }, body };
  return writeAr(
    [
      { name: 'debian-binary', bytes: Buffer.from('2.0\n') },
      { name: 'control.tar.gz', bytes: gzipSync(await tarOf([['./control', Buffer.from(lines)]])) },
      { name: 'data.tar.gz', bytes: gzipSync(await packTar([...folders, greeting])) },
    ],
    0,
  );
}

/** A site to which a wheel and a .deb for Debian 13 were added. */
export function withOwnPackages(host: ArtifactHost, wheel: readonly [string, Uint8Array], deb: Uint8Array): ArtifactHost {
  const place = mkdtempSync(join(tmpdir(), 'drydock-own-'));
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(place, name), bytes);
    return join(place, name);
  };
  const loader = new BlobLoader(host);
  const extend: Partial<Record<ArtifactName, (catalog: unknown) => Promise<unknown>>> = {
    'packages.json': async catalog =>
      extendIndex(checkPackageCatalog(catalog), [await readWheelFile(write(...wheel), sitePythons(await readLock()))], place),
    'archive.json': async catalog => {
      const file = write('own.deb', deb);
      const own = { ...(await readDebFile(file)), file, suite: '13' };
      return extendArchive(checkArchiveCatalog(catalog), [own], (sha256, bytes) => loader.load(sha256, bytes), place);
    },
  };
  return {
    async readFile(name, onBytes) {
      const bytes = await host.readFile(name, onBytes);
      const extended = await extend[name]?.(JSON.parse(new TextDecoder().decode(bytes)));
      return extended === undefined ? bytes : new TextEncoder().encode(JSON.stringify(extended)).buffer;
    },
    async readBlob(sha256, fresh) {
      const own = join(place, 'blobs', `${sha256}.zst`);
      return existsSync(own) ? readFileSync(own) : host.readBlob(sha256, fresh);
    },
  };
}
