import type { PublishedPort } from './container-types.ts';

/** Which engine answers. */
export interface EngineVersion {
  /** Of the engine, like `26.1.5`. */
  readonly version: string;
  readonly apiVersion: string;
  /** As Go names it: `386`. */
  readonly architecture: string;
  readonly kernelVersion: string;
}

/** Something that happened in the engine. */
export interface EngineEvent {
  /** `container`, `image`, `network`, `volume`, `builder`, `daemon` … */
  readonly type: string;
  /** `create`, `start`, `die`, `tag` … */
  readonly action: string;
  /** Of what it happened to: a container's id, an image's id or name. */
  readonly id: string;
  /** What the engine says more, like `name`, `image` and `exitCode` of a container. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Since 1970. */
  readonly timeMilliseconds: number;
}

/** What one who watches the engine is told. */
export type EngineNews =
  /** The watch begins, or begins again after a break: what happened before was not seen, so whatever is known of the engine is to be asked again. */
  { readonly kind: 'watching' } | { readonly kind: 'event'; readonly event: EngineEvent };

/** A network of the engine. */
export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  /** `bridge`, `host`, `null` … */
  readonly driver: string;
  /** Like `172.17.0.0/16`. */
  readonly subnets: readonly string[];
}

/** A service of a swarm, less what nobody here asks for. */
export interface ServiceSummary {
  readonly name: string;
  readonly image: string;
  /** Published on every machine of the swarm, whichever containers do the service's work. */
  readonly ports: readonly PublishedPort[];
}

/** A named place of the engine for files that outlive a container. */
export interface VolumeSummary {
  readonly name: string;
  readonly driver: string;
  /** Where it lies in the guest. */
  readonly mountPoint: string;
  /** Since 1970. */
  readonly createdMilliseconds: number;
}

/** How a command in a container ended. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
