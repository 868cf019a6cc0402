import { expose } from 'comlink';
import { SandboxError } from '../core/base/errors.ts';
import { loadVm } from '../core/lab/v86-vm.ts';
import type { LoadedVm, VirtualMachine } from '../core/lab/virtual-machine.ts';
import type { VmWorkerApi } from '../core/lab/vm-worker-api.ts';
import { browserPolicy } from '../core/machine/compile-governor.ts';
import { serveConnection } from '../core/protocol/connection-port.ts';
import { outcomeOf } from '../core/protocol/error-codec.ts';
import { serveTerminal } from '../core/protocol/terminal-port.ts';
import { keepBlobs } from './blob-keeper.ts';
import { siteHost } from './site-host.ts';
import { uncaughtErrors } from './start.ts';

/** Makes this worker one that has the lab's virtual machine: the same script as the sandbox's, so that nothing is downloaded for it but this file. */
export function serveVm(port: MessagePort): void {
  expose(createVmApi(), port);
}

/** A literal, so that nothing else of the machine can be reached. */
function createVmApi(): VmWorkerApi {
  let loaded: LoadedVm | undefined;
  let vm: VirtualMachine | undefined;
  const running = (): VirtualMachine => {
    if (vm === undefined) throw new SandboxError('machine-stopped', 'The virtual machine was not switched on.');
    return vm;
  };
  return {
    load: baseUrl =>
      outcomeOf(async () => {
        loaded = await loadVm(siteHost(baseUrl, keepBlobs(baseUrl)), { compilePolicy: browserPolicy, onUncaught: uncaughtErrors() });
        return loaded.image;
      }),
    powerOn: ends =>
      outcomeOf(async () => {
        if (loaded === undefined) throw new SandboxError('machine-stopped', 'The virtual machine was not loaded.');
        vm = await loaded.powerOn();
        vm.onEnd(end => ends.postMessage(end));
        // It is asked for later: until then its failure must not count as unhandled.
        vm.up.catch(() => undefined);
      }),
    up: () => outcomeOf(() => running().up),
    openConsole: (size, port) => outcomeOf(async () => serveTerminal(await running().openConsole(size), port)),
    run: (command, options) => outcomeOf(() => running().run(command, options)),
    dial: (target, port) => outcomeOf(async () => serveConnection(await running().dial(target), port)),
    memory: () => outcomeOf(() => running().memory()),
    shutDown: () => outcomeOf(() => running().shutDown()),
  };
}
