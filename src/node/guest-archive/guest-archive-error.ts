/** What is wrong with a guest archive, and what whoever named it can do. Shown without a stack. */
export class GuestArchiveError extends Error {
  override readonly name = 'PlainError';

  constructor(
    /** In a sentence. */
    readonly fault: string,
    remedy: string,
  ) {
    super(`${fault} ${remedy}`);
  }
}

/** For an archive that is damaged or cut off. */
export const GET_IT_AGAIN = 'Get it again and compare it with SHA256SUMS, or unset DRYDOCK_GUEST to build the guest from source.';
/** For what is no archive, or one that this checkout cannot read. */
export const TAKE_ANOTHER =
  'Name the file drydock-guest-<version>.tar of the release that you have checked out, its folder or its address; or unset DRYDOCK_GUEST to build the guest from source.';
