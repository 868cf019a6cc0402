/**
 * Machine code compresses better when its calls and jumps name where they go instead of how far that is: all calls of one function then
 * look the same. Programs for compressing executables do the same ("BCJ filter"). It is undone exactly, whatever the bytes of a page are.
 */

const CALL = 0xe8;
const JUMP = 0xe9;
/** Bytes of such an instruction: its code and a distance. */
const INSTRUCTION_BYTES = 5;
/** Only distances below this are changed, and stay below it: larger ones are most likely no distances. A power of two. */
const REACH = 2 ** 25;
/** From which number of such instructions on a page counts as code: data has one by chance in four pages. */
const MANY = 4;

/** Addresses that differ by so many pages are the same here. */
export const ADDRESS_PAGES = (2 * REACH) / 4096;

/** Whether a page seems to be code. A page that is not, but seems so, only compresses worse. */
export function seemsCode(page: Uint8Array): boolean {
  const view = viewOf(page);
  let found = 0;
  forEachBranch(page, at => {
    if (isNear(view.getInt32(at, true))) found++;
  });
  return found >= MANY;
}

/** Changes a page that lies at `address`, in bytes: its calls and jumps then name their targets. */
export function makeAbsolute(page: Uint8Array, address: number): void {
  const view = viewOf(page);
  // The other way round too: what is alike in two targets then comes first.
  forEachBranch(page, at => view.setInt32(at, moved(view.getInt32(at, true), address + at), false));
}

/** The inverse of `makeAbsolute`. */
export function makeRelative(page: Uint8Array, address: number): void {
  const view = viewOf(page);
  forEachBranch(page, at => view.setInt32(at, moved(view.getInt32(at, false), -(address + at)), true));
}

/** Visits where the distances of calls and jumps are. What `visit` changes there is not looked at. */
function forEachBranch(page: Uint8Array, visit: (at: number) => void): void {
  const end = page.length - INSTRUCTION_BYTES;
  for (let at = 0; at <= end; at++) {
    if (page[at] !== CALL && page[at] !== JUMP) continue;
    visit(at + 1);
    at += INSTRUCTION_BYTES - 1;
  }
}

function isNear(distance: number): boolean {
  return distance >= -REACH && distance < REACH;
}

/** A distance moved by so many bytes, around within REACH. */
function moved(distance: number, by: number): number {
  return isNear(distance) ? ((((distance + by + REACH) % (2 * REACH)) + 2 * REACH) % (2 * REACH)) - REACH : distance;
}

function viewOf(page: Uint8Array): DataView {
  return new DataView(page.buffer, page.byteOffset, page.length);
}
