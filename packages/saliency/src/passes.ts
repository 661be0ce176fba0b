/** How many inputs go through the network: one number where it is known before, else its bounds. */
export interface Passes {
  /** The fewest that are possible. */
  readonly least: number;
  /** The most that are possible. */
  readonly most: number;
}

/** A number of passes that is known. */
export function exactly(count: number): Passes {
  return { least: count, most: count };
}

/** As many passes, a number of times. */
export function repeated({ least, most }: Passes, times: number): Passes {
  return { least: least * times, most: most * times };
}
