import { expose } from 'comlink';
import { outcomeOf } from '../core/protocol/error-codec.ts';
import { startSandbox } from './start.ts';
import { createWorkerApi } from './worker-api.ts';

expose({
  ...createWorkerApi(startSandbox),
  // Not loaded before somebody goes to the lab.
  becomeVm: (port: MessagePort) => outcomeOf(async () => (await import('./vm-worker.ts')).serveVm(port)),
});
