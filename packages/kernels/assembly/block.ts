/**
 * A block as the host lays it out in memory: convolution, activation, pooling. Every field has 4 bytes; `src/record.ts` writes them in this order.
 * Axes are x, y, z (planes, rows, columns; in 2D each row is a plane). Arrays are planar, [channel][x][y][z] of float32, unless said otherwise.
 */
@unmanaged
export class Block {
  /** Values at the input, and their number of channels and dims. */
  input: usize;
  channels: i32;
  x: i32;
  y: i32;
  z: i32;
  /** Channels of the convolution. */
  outputs: i32;
  kernelX: i32;
  kernelY: i32;
  kernelZ: i32;
  strideX: i32;
  strideY: i32;
  strideZ: i32;
  /** Zeros in front of the input; those behind follow from the dims of the convolution. */
  padX: i32;
  padY: i32;
  padZ: i32;
  /** Dims behind the convolution. */
  convX: i32;
  convY: i32;
  convZ: i32;
  /** 0: no pooling, 1: maximum, 2: average. */
  pooling: i32;
  windowX: i32;
  windowY: i32;
  windowZ: i32;
  stepX: i32;
  stepY: i32;
  stepZ: i32;
  /** Positions in front of the first value that windows cover: `zero`s first, then positions that are skipped. */
  beforeX: i32;
  beforeY: i32;
  beforeZ: i32;
  /** How many of them take part in the pooling; then the zeros behind the last value. */
  zeroX: i32;
  zeroY: i32;
  zeroZ: i32;
  zeroAfterX: i32;
  zeroAfterY: i32;
  zeroAfterZ: i32;
  /** Dims at the output. */
  outX: i32;
  outY: i32;
  outZ: i32;
  output: usize;
  /** One byte per value at the output of a maximum, else per value of the convolution: see `decide.ts`. */
  codes: usize;
  /** Weights in the order that the block's kernel reads, and a bias per channel. */
  weights: usize;
  bias: usize;
  /** Factor of negative values, per channel: 0 is ReLU, 1 no activation. */
  slopes: usize;
  /** [outputs][channels][kernel], [outputs] and [outputs] of float64: weights, biases, slopes. */
  weights64: usize;
  bias64: usize;
  slopes64: usize;
  /** Per channel: decisions that are as close as this are made in float64. Below 0: none. */
  bounds: usize;
  /** The block in front, where its values can be computed again in float64; 0: none. */
  front: usize;
  /** Per channel: how far a sum may be off because those values are rounded. */
  doubts: usize;
  /** Per channel: the value that a neighbourhood of the image's first voxel gets. Its ties are exact. */
  backgrounds: usize;
  /** Weights in the order that the gradient's kernel reads. */
  table: usize;
  /** [outputs][4]: factor of the gradient by the two highest bits of the code. */
  factors: usize;
  /** Gradient at the output: bytes from channel to channel and from cell to cell. */
  gradient: usize;
  gradientChannel: usize;
  gradientCell: usize;
  /** Gradient at the input: planar, or with the channels of a position beside each other (a multiple of 4 of them). */
  inputGradient: usize;
  channelsLast: i32;
  /** Bytes of a row in scratch memory: of each phase of the input's columns, of the convolution, of the gradient. */
  line: usize;
  convLine: usize;
  gradientLine: usize;
  /** Per plane of the input: its largest absolute value. */
  largest: usize;
  /** Tables of `repeats.ts`, of the rows at the input and at the output; 0: none. */
  repeats: usize;
  outputRepeats: usize;
  /** Two float64: the image is α times that at `input`; a weight (`ray.ts`). 0: α is 1. */
  point: usize;
}
/** Bytes of the record: the host compares them with its own. */
export function recordBytes(): usize {
  return offsetof<Block>();
}
