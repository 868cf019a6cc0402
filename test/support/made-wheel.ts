import { packZip } from '../../src/node/zip.ts';

/** A wheel with one module, as pip installs it (PEP 427). */
export function madeWheel(name: string, version: string, code: string): Buffer {
  const info = `${name}-${version}.dist-info`;
  const files = {
    [`${name}.py`]: code,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map(path => `${path},,\n`).join('');
  return packZip([...Object.entries(files), [`${info}/RECORD`, record] as const].map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
}
