const containerStates = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;

/** `unknown` is one this code has not heard of. */
export type ContainerState = (typeof containerStates)[number] | 'unknown';

/** What the engine calls a state, if it is one. */
export function containerStateOf(text: unknown): ContainerState {
  return containerStates.find(state => state === text) ?? 'unknown';
}

/** A port of a container that is published: one that is reached from outside the container. */
export interface PublishedPort {
  /** As in `localhost:8888`. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: Protocol;
}

/** What a port speaks. */
export type Protocol = 'tcp' | 'udp' | 'sctp';

/** Something of the guest that a container sees at a place of its own. */
export interface ContainerMount {
  /** `volume`, `bind`, `tmpfs` … */
  readonly kind: string;
  /** The volume's name; empty for others. */
  readonly volume: string;
  /** The path in the guest. */
  readonly source: string;
  /** The path in the container. */
  readonly destination: string;
  readonly isReadOnly: boolean;
}

/** A container as the engine lists it. */
export interface ContainerSummary {
  readonly id: string;
  /** Without the leading slash the engine writes. */
  readonly names: readonly string[];
  /** As it was named at the start; an id when the name has gone to another image since. */
  readonly image: string;
  readonly imageId: string;
  readonly command: string;
  readonly state: ContainerState;
  /** In words, like `Up 2 minutes`. */
  readonly status: string;
  /** Since 1970. */
  readonly createdMilliseconds: number;
  /** By host port; one that is published on several addresses stands here once. */
  readonly ports: readonly PublishedPort[];
  /** Ports of its image that are not published, like `5000/tcp`: nothing outside its networks reaches them. */
  readonly unpublishedPorts: readonly string[];
  readonly mounts: readonly ContainerMount[];
  /** The networks it is on; the address is empty while it does not run. */
  readonly networks: readonly { readonly name: string; readonly address: string }[];
}

/** What the list does not tell about a container. */
export interface ContainerDetails {
  readonly id: string;
  readonly state: ContainerState;
  /** Of its last run; 0 before the first. */
  readonly exitCode: number;
  /** The kernel ended its last run because it had used up its memory. */
  readonly isOutOfMemory: boolean;
  /** Why it could not start; empty otherwise. */
  readonly startError: string;
  /** Since 1970; undefined for one that never ran. */
  readonly startedMilliseconds: number | undefined;
  /** Since 1970; undefined for one that never ended. */
  readonly finishedMilliseconds: number | undefined;
  /** What its first process was given, from its image and from `docker run -e`: `NAME=value`. */
  readonly environment: readonly string[];
  /** It has a terminal of its own (`docker run -t`): its output is one stream. */
  readonly hasTerminal: boolean;
}
