/** The error numbers of i386 Linux that the workspace answers with. */
const errorNumbers = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  ENAMETOOLONG: 36,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EPROTO: 71,
  EILSEQ: 84,
  EOPNOTSUPP: 95,
} as const;

export type LinuxErrorName = keyof typeof errorNumbers;

/** A refusal in the guest's own terms: a program in the guest sees it as errno. */
export class LinuxError extends Error {
  readonly number: number;

  constructor(readonly code: LinuxErrorName) {
    super(code);
    this.name = 'LinuxError';
    this.number = errorNumbers[code];
  }
}
