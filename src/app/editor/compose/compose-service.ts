import { registerQuickFixes } from '../dockerfile/dockerfile-providers.ts';
import type { DockerfileService, DockerfileServiceOptions } from '../dockerfile/dockerfile-service.ts';
import { createModelChecks } from '../dockerfile/model-checks.ts';
import type { MonacoApi } from '../dockerfile/monaco-conversions.ts';
import { isComposeFile } from './compose-file.ts';

const composeLanguage = 'yaml';

/** Teaches Monaco about the images of compose files: markers with quick fixes. The reader of YAML is loaded with the first such file. */
export function installComposeService(monaco: MonacoApi, { images }: DockerfileServiceOptions): DockerfileService {
  const checks = createModelChecks(monaco, {
    owner: 'drydock-compose',
    isChecked: model => model.getLanguageId() === composeLanguage && isComposeFile(model.uri.path),
    check: async text => {
      try {
        return (await import('./compose-images.ts')).composeImageFindings(text, images());
      } catch (cause) {
        console.error('the images of a compose file could not be looked at', cause);
        return undefined;
      }
    },
  });
  const provider = registerQuickFixes(monaco, composeLanguage, checks);
  return {
    refresh: checks.refresh,
    dispose: () => {
      provider.dispose();
      checks.dispose();
    },
  };
}
