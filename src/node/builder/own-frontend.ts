/** Has the engine read every Dockerfile itself: a line `# syntax=docker/dockerfile:1` asks for an image that is a program for another machine. */

/**
 * From the start of BuildKit's DetectSyntax (frontend/dockerfile/parser/directives.go): the error of `discardShebang` is looked at, and where
 * there is one, the function jumps to its end, which says that there is no syntax line.
 */
const LOOK = Buffer.from('8b44241c85c00f85a40200000fb644241889442444', 'hex');
const JUMP_AT = LOOK.indexOf(Buffer.from('0f85', 'hex'));

/** Makes the jump one that is always taken (nop; jmp in place of jne). Changes `program`; throws when the place is not in it exactly once. */
export function useOwnFrontend(program: Buffer): void {
  const at = program.indexOf(LOOK);
  if (at < 0 || program.includes(LOOK, at + 1)) throw new Error("BuildKit's search for a syntax line is not in this program exactly once");
  program.set([0x90, 0xe9], at + JUMP_AT);
}
