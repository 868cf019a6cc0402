/** An image in the engine's store. */
export interface ImageSummary {
  readonly id: string;
  /** `repository:tag`, none for a dangling image. */
  readonly tags: readonly string[];
  readonly sizeBytes: number;
}
