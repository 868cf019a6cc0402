import { SandboxError } from './errors.ts';

/** What a learner can do about something that did not come, of the site or from outside, in one line of ASCII. `again` says what to do then: "pull redis". */
export function remedyOf(error: unknown, again: string): string {
  const isDamaged = error instanceof SandboxError && error.code === 'download-damaged';
  if (isDamaged) return 'Try again; if it happens again, tell whoever runs this site.';
  if (!(error instanceof SandboxError)) return `Try to ${again} again later.`;
  return `Go online and ${again} again. What was made available offline before needs no network.`;
}
