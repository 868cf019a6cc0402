/** An image in the engine's store. */
export interface ImageSummary {
  readonly id: string;
  /** `repository:tag`, none for a dangling image. */
  readonly tags: readonly string[];
  /** Of all its layers, shared ones too. */
  readonly sizeBytes: number;
  /** Since 1970. */
  readonly createdMilliseconds: number;
}

/** What an image is made of and how a container of it starts. */
export interface ImageDetails {
  readonly id: string;
  /** The digests of its layers' content (`sha256:…`), lowest first. Two images share a layer where they agree up to it. */
  readonly layers: readonly string[];
  readonly config: {
    readonly entrypoint: readonly string[];
    readonly command: readonly string[];
    /** `NAME=value`. */
    readonly environment: readonly string[];
    readonly workingDirectory: string;
    readonly user: string;
    /** Like `5000/tcp`. */
    readonly exposedPorts: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  };
}

/** One step of an image's making. */
export interface HistoryStep {
  /** The instruction as the builder noted it. */
  readonly createdBy: string;
  /** What its layer adds; 0 where it made none, or an empty one. */
  readonly sizeBytes: number;
  /** Since 1970; 0 where nobody noted it. */
  readonly createdMilliseconds: number;
  readonly comment: string;
}
