import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { diskSnapshotFolder } from '../../src/node/machine/disk-snapshot-folder.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { sandboxContract } from './sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'drydock-contract-'));
afterAll(() => rmSync(folder, { recursive: true }));

sandboxContract('in this process', () => startGuestSandbox({ snapshotFolder: () => Promise.resolve(diskSnapshotFolder(folder)) }));
