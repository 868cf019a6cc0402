import { defineConfig } from 'vitest/config';

/** A failure is often read in CI's report alone: what was expected and what came stand there whole. */
const chaiConfig = { truncateThreshold: 2000 };

/** One emulator saturates a core, so what boots one runs alone; a test that waits for the guest may take minutes on a slow machine. */
const alone = {
  chaiConfig,
  fileParallelism: false,
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 60_000, interval: 250 } },
};

/** Some of the quick ones try thousands of cases: on a busy machine that takes more than the usual five seconds. */
const patient = { chaiConfig, testTimeout: 60_000 };

// oxlint-disable-next-line import/no-default-export -- vitest wants it
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      { test: { name: 'unit', include: ['test/{core,app,embed,worker,service-worker,node}/**/*.test.ts', 'test/layers.test.ts'], ...patient } },
      { test: { name: 'guest', include: ['test/guest/**/*.test.ts', 'test/contract/*.guest.test.ts'], ...alone } },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts', 'test/contract/*.browser.test.ts'],
          setupFiles: ['test/browser/show-failures.ts'],
          ...alone,
        },
      },
    ],
  },
});
