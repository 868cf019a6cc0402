import { expect, test } from 'vitest';
import { eagerPolicy } from '../../../src/core/machine/compile-governor.ts';
import type { ArtifactHost } from '../../../src/core/sandbox/load/artifact-host.ts';
import { createSandbox } from '../../../src/core/sandbox/create-sandbox.ts';

/** A site whose machine is of a format that this code does not know. */
const foreignSite: ArtifactHost = {
  readFile: () => Promise.resolve(new TextEncoder().encode('{"format":999}').buffer),
  readBlob: () => Promise.reject(new Error('nothing should be read')),
};

test('when the boot fails, nothing that waits for the guest waits for ever', async () => {
  const sandbox = createSandbox(foreignSite, { compilePolicy: eagerPolicy });
  const refused = { code: 'snapshot-mismatch' };
  await expect(sandbox.ready).rejects.toMatchObject(refused);
  await expect(sandbox.openTerminal(0, { columns: 80, rows: 24 })).rejects.toMatchObject(refused);
  await expect(sandbox.applyFiles([])).rejects.toMatchObject(refused);
  await expect(sandbox.run('true')).rejects.toMatchObject(refused);
  await expect(sandbox.dial(':8080')).rejects.toMatchObject(refused);
});
