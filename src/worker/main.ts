import { expose } from 'comlink';
import { startSandbox } from './start.ts';
import { createWorkerApi } from './worker-api.ts';

expose(createWorkerApi(startSandbox));
