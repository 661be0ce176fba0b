/** Max- or average-pooling behind a convolution; arrays have a number per axis. */
export interface BlockPooling {
  /** Averages divide by the number of values that take part. */
  readonly kind: "max" | "average";
  /** Lengths of the window. */
  readonly window: readonly number[];
  /** Steps from one window to the next. */
  readonly strides: readonly number[];
  /** Zeros in front of the values, which take part in maxima and averages: a Pad in front of the pooling. */
  readonly zerosBefore: readonly number[];
  /** Such zeros behind the values. */
  readonly zerosAfter: readonly number[];
  /** Positions in front of those that windows cover and leave out: the pooling's own padding. */
  readonly skippedBefore: readonly number[];
  /** Such positions behind them. */
  readonly skippedAfter: readonly number[];
  /** Does a last window that is only partly covered count (`ceil_mode`)? */
  readonly roundUp: boolean;
}

/** A convolution with what follows it: normalization (in the weights), activation, pooling. Two or three axes. */
export interface ConvolutionBlock {
  /** Channels of the image or of the block before. */
  readonly inputChannels: number;
  /** Channels behind the convolution. */
  readonly outputChannels: number;
  /** [outputChannels][inputChannels][...kernel]. */
  readonly weights: Float32Array | Float64Array;
  /** One per output channel. */
  readonly bias: Float32Array | Float64Array;
  /** Lengths of the kernel. */
  readonly kernel: readonly number[];
  /** Steps of the convolution. */
  readonly strides: readonly number[];
  /** Zeros in front of the input. */
  readonly padsBefore: readonly number[];
  /** Zeros behind the input. */
  readonly padsAfter: readonly number[];
  /** Factor of values that are not above 0, per output channel: 0 is ReLU. Undefined: no activation. */
  readonly slopes: Float32Array | Float64Array | undefined;
  /** Behind the activation; undefined: none. */
  readonly pooling: BlockPooling | undefined;
}
