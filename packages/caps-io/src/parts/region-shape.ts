/** A region of interest, and how large it is. */
export interface RegionShape {
  /** As the model names it. */
  readonly name: string;
  /** [1, X, Y, Z] */
  readonly dims: readonly number[];
}
