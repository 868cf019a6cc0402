import { startGuestSandbox } from '../support/guest.ts';
import { sandboxContract } from './sandbox.ts';

sandboxContract('in this process', () => startGuestSandbox());
