/** Where v86 0.5.462 keeps things in its engine's memory, in bytes (the views of its cpu.js). */

/** The linear address of the next guest instruction. */
export const INSTRUCTION_POINTER = 556;
/** The processor's privilege level: 0 in the kernel, 3 in programs. */
export const PRIVILEGE_LEVEL = 612;
/** Guest instructions so far, modulo 2^32. */
export const INSTRUCTION_COUNTER = 664;
/** Where `store_current_tsc` leaves its result, 64 bits. */
export const CURRENT_TSC = 960;
