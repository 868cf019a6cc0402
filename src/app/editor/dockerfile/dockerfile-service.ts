import { registerProviders } from './dockerfile-providers.ts';
import type { LintOptions } from './finding.ts';
import { createModelChecks, dockerfileLanguage } from './model-checks.ts';
import type { MonacoApi } from './monaco-conversions.ts';
import { createWorkerClient } from './worker-client.ts';

/** What the service asks of the page. */
export interface DockerfileServiceOptions {
  /** The images there are, and those that can be pulled. */
  readonly images: () => LintOptions;
}

/** The running service. */
export interface DockerfileService {
  /** Checks all open Dockerfiles again, for when the images have changed. */
  refresh(): void;
  dispose(): void;
}

/** Teaches Monaco about Dockerfiles: markers with quick fixes, completion, hover, formatting; all work happens in a worker. */
export function installDockerfileService(monaco: MonacoApi, options: DockerfileServiceOptions): DockerfileService {
  const client = createWorkerClient({
    startWorker: () => new Worker(new URL('./dockerfile-worker.ts', import.meta.url), { type: 'module', name: 'dockerfile' }),
    reportError: (message, cause) => console.error(message, cause),
  });
  const { images } = options;
  const checks = createModelChecks(monaco, {
    owner: 'drydock-dockerfile',
    isChecked: model => model.getLanguageId() === dockerfileLanguage,
    check: text => client.ask(support => support.check(text, images())),
  });
  const providers = registerProviders(monaco, { client, checks, images });
  return {
    refresh: checks.refresh,
    dispose: () => {
      for (const provider of providers) provider.dispose();
      checks.dispose();
      client.dispose();
    },
  };
}
