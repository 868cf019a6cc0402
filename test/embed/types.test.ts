import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Checks a host's program against embed.d.ts as it lies beside embed.js: strictly, and with nothing else of ours. */
function problemsOf(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-embed-'));
  cpSync(join(project, 'src/embed/embed.d.ts'), join(folder, 'embed.d.ts'));
  writeFileSync(join(folder, 'host.ts'), program);
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'esnext', '--types', ''];
  const { stdout } = spawnSync(join(project, 'node_modules/.bin/tsc'), [...options, '--skipLibCheck', 'false', 'host.ts', 'embed.d.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout;
}

describe('embed.d.ts', () => {
  test('a host that uses all of it is right', { timeout: 60_000 }, () => {
    const problems = problemsOf(`
      import { createSandbox, SandboxError, type CheckReport, type EmbeddedSandbox } from './embed.js';
      const sandbox: EmbeddedSandbox = createSandbox(document.body, {
        lesson: '02-first-image', layout: 'lesson-terminal', theme: 'auto', url: 'https://x.example/', workspace: 'w', title: 't',
      });
      createSandbox(document.body, { files: { 'a.txt': 'text', 'b.bin': new Uint8Array() } });
      createSandbox(document.body);
      const stop: () => void = sandbox.on('step-passed', ({ step, number, stepCount }) => console.log(step.length, number / stepCount));
      sandbox.on('error', error => console.log(error.code === 'embed-refused', error.message));
      sandbox.on('progress', ({ loadedBytes, totalBytes }) => console.log(loadedBytes / totalBytes));
      sandbox.on('lesson-completed', ({ lesson }) => console.log(lesson));
      const { kind, lesson } = await sandbox.ready;
      console.log(kind, lesson?.steps[0]?.isPassed);
      const { exitCode, stdout } = await sandbox.run('ls', { directory: '/', stdin: '', timeoutMilliseconds: 1000 });
      const text: string | undefined = await sandbox.readFile('a.txt');
      const bytes: Uint8Array | undefined = await sandbox.readFile('a.txt', 'bytes');
      await sandbox.writeFiles({ 'a.txt': 'x', 'b.txt': null });
      const report: CheckReport = await sandbox.check();
      console.log(exitCode, stdout, text, bytes, report.checks.map(({ text, outcome, hint }) => [text, outcome, hint]));
      try { stop(); } catch (error) { if (error instanceof SandboxError) console.log(error.code); }
      sandbox.frame.focus();
      sandbox.dispose();
    `);
    expect(problems).toBe('');
  });

  test('what it has not is an error', { timeout: 60_000 }, () => {
    const problems = problemsOf(`
      import { createSandbox } from './embed.js';
      createSandbox(document.body, { layout: 'windows' });
      createSandbox('#id');
      createSandbox(document.body).on('click', () => undefined);
    `);
    expect(problems.match(/host\.ts/g)?.length).toBe(3);
  });
});
