/** `npm run guest`: builds the guest image, or finds it in the cache. */
import { buildGuest } from '../builder/build-guest.ts';

await buildGuest();
// v86 leaves timers behind that would keep the process alive.
process.exit(0);
