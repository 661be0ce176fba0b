/** How far a long computation is. */
export interface Progress {
  /** What is being done: maps are pulled, then relabellings computed. */
  readonly phase: "maps" | "relabellings";
  /** How many are done. */
  readonly done: number;
  /** How many there are, where that is known. */
  readonly total?: number;
}

/** What every long computation takes. */
export interface RunOptions {
  /** Ends the computation with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as the work goes on. */
  readonly onProgress?: (progress: Progress) => void;
}
