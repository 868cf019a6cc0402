/** What is wrong with a guest archive, in sentences for whoever named it: what it is, and what to do. Shown without a stack. */
export class GuestArchiveError extends Error {
  override readonly name = 'PlainError';
}

/** Ends the sentences about an archive that is damaged or cut off. */
export const GET_IT_AGAIN = 'Get it again and compare it with SHA256SUMS, or unset DRYDOCK_GUEST to build the guest from source.';
