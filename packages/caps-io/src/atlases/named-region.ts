/** The name of a region, and where a file has it. */
export interface NamedRegion {
  /** Its number in the images of the atlas, as it is written. */
  readonly index: string;
  /** Its name. */
  readonly name: string;
  /** For messages: "line 3". */
  readonly where: string;
}
