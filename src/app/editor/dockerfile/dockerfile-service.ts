import { registerProviders } from './dockerfile-providers.ts';
import { createModelChecks } from './model-checks.ts';
import type { MonacoApi } from './monaco-conversions.ts';
import { createWorkerClient } from './worker-client.ts';

/** What the service asks of the page. */
export interface DockerfileServiceOptions {
  /** The images in the engine's own store, as `name:tag`; empty until the engine has answered. */
  readonly imageReferences: () => readonly string[];
}

/** The running service. */
export interface DockerfileService {
  /** Checks all open Dockerfiles again, for when the engine's images have changed. */
  refresh(): void;
  dispose(): void;
}

/** Teaches Monaco about Dockerfiles: markers with quick fixes, completion, hover, formatting; all work happens in a worker. */
export function installDockerfileService(monaco: MonacoApi, options: DockerfileServiceOptions): DockerfileService {
  const client = createWorkerClient({
    startWorker: () => new Worker(new URL('./dockerfile-worker.ts', import.meta.url), { type: 'module', name: 'dockerfile' }),
    reportError: (message, cause) => console.error(message, cause),
  });
  // A copy: the page may hand out a proxy, which cannot be sent to a worker.
  const imageReferences = (): readonly string[] => [...options.imageReferences()];
  const checks = createModelChecks(monaco, text => client.ask(support => support.check(text, { imageReferences: imageReferences() })));
  const providers = registerProviders(monaco, { client, checks, imageReferences });
  return {
    refresh: checks.refresh,
    dispose: () => {
      for (const provider of providers) provider.dispose();
      checks.dispose();
      client.dispose();
    },
  };
}
