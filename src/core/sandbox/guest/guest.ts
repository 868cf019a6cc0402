import { GuestAgent } from '../../control/guest-agent.ts';
import type { BlockSource } from '../../machine/block-source.ts';
import { CONTROL_PORT, type Machine, type MachineParts } from '../../machine/machine.ts';
import { createMachine } from '../../machine/v86-machine.ts';
import { createNinePServer, type NinePServer, type NinePState } from '../../workspace/nine-p/nine-p-server.ts';
import { restoreTree } from '../../workspace/tree-state.ts';
import { WorkspaceTree } from '../../workspace/workspace-tree.ts';

/** A machine with what Drydock puts beside it: the agent's other end and the shared folder. */
export interface Guest {
  readonly machine: Machine;
  readonly agent: GuestAgent;
  readonly tree: WorkspaceTree;
  readonly nineP: NinePServer;
}

/** The parts of a guest, except those that are made here. */
export type GuestParts = Omit<MachineParts, 'handle9p' | 'bare'> & {
  readonly disk: BlockSource;
  /** What `saveTree` gave of a guest that goes on. */
  readonly workspace?: Uint8Array;
  readonly ninePState?: NinePState;
};

/** Makes a guest; its machine does not run yet. */
export async function createGuest(parts: GuestParts): Promise<Guest> {
  const tree = new WorkspaceTree();
  const nineP = createNinePServer(tree);
  const machine = await createMachine({ ...parts, handle9p: (request, reply) => nineP.handle(request, reply) });
  if (parts.workspace) restoreTree(tree.store, parts.workspace);
  if (parts.ninePState) nineP.restoreState(parts.ninePState);
  return { machine, agent: new GuestAgent(machine.ports[CONTROL_PORT]!), tree, nineP };
}
