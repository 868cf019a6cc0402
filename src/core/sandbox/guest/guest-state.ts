import type { AgentState } from '../../control/guest-agent.ts';
import type { NinePState } from '../../workspace/nine-p/nine-p-server.ts';
import type { TerminalState } from './terminal-port.ts';

/** What of a saved guest is neither machine nor workspace: JSON. */
export interface GuestState {
  readonly nineP: NinePState;
  readonly agent: AgentState;
  readonly terminals: readonly TerminalState[];
}

/** The inverse of JSON. */
export function parseGuestState(bytes: Uint8Array): GuestState {
  return JSON.parse(new TextDecoder().decode(bytes)) as GuestState;
}
