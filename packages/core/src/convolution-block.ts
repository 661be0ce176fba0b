/** Max- or average-pooling behind a convolution; arrays have a number per axis. */
export interface BlockPooling {
  readonly kind: "max" | "average";
  readonly window: readonly number[];
  readonly strides: readonly number[];
  /** Zeros around the values, which take part in maxima and averages: a Pad in front of the pooling. */
  readonly zerosBefore: readonly number[];
  readonly zerosAfter: readonly number[];
  /** Positions around those that windows cover and leave out: the pooling's own padding. */
  readonly skippedBefore: readonly number[];
  readonly skippedAfter: readonly number[];
  /** Does a last window that is only partly covered count (`ceil_mode`)? */
  readonly roundUp: boolean;
}

/** A convolution with what follows it: normalization (in the weights), activation, pooling. Two or three axes. */
export interface ConvolutionBlock {
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** [outputChannels][inputChannels][...kernel]. */
  readonly weights: Float32Array | Float64Array;
  /** One per output channel. */
  readonly bias: Float32Array | Float64Array;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** Zeros around the input. */
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
  /** Factor of values that are not above 0, per output channel: 0 is ReLU. Undefined: no activation. */
  readonly slopes: Float32Array | Float64Array | undefined;
  readonly pooling: BlockPooling | undefined;
}
