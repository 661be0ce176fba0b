/** A limit of the values at the input of a block: for all channels, for each, or what is the lowest or highest in the image. */
export type RelevanceBound = number | readonly number[] | "lowest" | "highest";

/** Summands of a block's convolution with other weights, and with values at its input that are kept between two bounds. */
export interface RelevancePart {
  /** Lower values count as this one; -Infinity: as they are. */
  readonly low: RelevanceBound;
  /** Higher values count as this one. */
  readonly high: RelevanceBound;
  /** [outputChannels][inputChannels][...kernel], in place of the block's. */
  readonly weights: Float64Array;
  /** One per output channel; absent: 0. */
  readonly bias?: Float64Array;
}

/**
 * How a block hands relevance R from its output to its input: c = factor · R / (z ± epsilon), with the sign of z, which is the sum of
 * all parts where R comes from (the first maximum of a window); of each part, its values times Wᵀc go to the input. Activations let
 * everything through.
 */
export interface RelevanceShare {
  /** What z is a sum of: at least one. */
  readonly parts: readonly RelevancePart[];
  /** What the share is multiplied by. */
  readonly factor: number;
  /** Keeps denominators from 0. */
  readonly epsilon: number;
  /** Only where the block's own convolution is above 0, or below; absent: everywhere. */
  readonly where?: "above" | "below";
}

/** What a block hands to its input: the sum of these shares. */
export type BlockRelevance = readonly RelevanceShare[];
