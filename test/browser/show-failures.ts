import { afterEach } from 'vitest';
import { describeOpenPages } from './learner-page.ts';

// A failure that happens once in a hundred runs on a busy machine cannot be looked at again: so the log gets what the learner would have seen.
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(`${task.name} failed.\n${await describeOpenPages()}`);
});
