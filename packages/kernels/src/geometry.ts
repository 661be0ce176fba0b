import { type ConvolutionBlock, VoxplainError } from "@voxplain/core";

/** A number per axis: planes, rows, columns. */
export type Triple = readonly [x: number, y: number, z: number];

/** A block on an image of a known size, with three axes; each row of an image of two is a plane, of one row. */
export interface Geometry {
  readonly channels: number;
  readonly outputs: number;
  readonly input: Triple;
  readonly kernel: Triple;
  readonly strides: Triple;
  /** Zeros in front of the input. */
  readonly pads: Triple;
  /** Behind the convolution. */
  readonly conv: Triple;
  readonly pooling: "none" | "max" | "average";
  readonly window: Triple;
  readonly steps: Triple;
  /** Positions in front of the first value that windows cover; of them, those that are zeros. */
  readonly before: Triple;
  readonly zeros: Triple;
  readonly zerosAfter: Triple;
  /** Behind the pooling. */
  readonly out: Triple;
}

const triple = (values: readonly number[], missing: number): Triple => {
  const [z = missing, y = missing, x = missing] = [...values].reverse();
  return values.length === 2 ? [y, missing, z] : [x, y, z]; // threads share the planes
};

/** Those of the three lengths that an image of one to three axes has. */
export const imageDims = ([x, y, z]: Triple, axes: number): readonly number[] =>
  axes === 2 ? [x, z] : [x, y, z].slice(3 - axes);

const each = (formula: (axis: 0 | 1 | 2) => number): Triple => [formula(0), formula(1), formula(2)];

/** Where a pooling has that many windows along an axis. */
function windowCount(
  length: number,
  before: number,
  after: number,
  window: number,
  step: number,
  up: boolean,
) {
  const positions = (length + before + after - window) / step;
  const count = (up ? Math.ceil(positions) : Math.floor(positions)) + 1;
  // A window that starts behind all values does not count.
  return up && (count - 1) * step >= length + before ? count - 1 : count;
}

/** The size of everything in a block for an input of `dims`, without batch and channels. */
export function geometryOf(block: ConvolutionBlock, dims: readonly number[]): Geometry {
  const [input, kernel] = [triple(dims, 1), triple(block.kernel, 1)];
  const [strides, pads, after] = [
    triple(block.strides, 1),
    triple(block.padsBefore, 0),
    triple(block.padsAfter, 0),
  ];
  const conv = each((a) => Math.floor((input[a] + pads[a] + after[a] - kernel[a]) / strides[a]) + 1);
  const pooling = block.pooling;
  const window = triple(pooling?.window ?? [], 1);
  const steps = triple(pooling?.strides ?? [], 1);
  const [zeros, zerosAfter] = [triple(pooling?.zerosBefore ?? [], 0), triple(pooling?.zerosAfter ?? [], 0)];
  const [skipped, skippedAfter] = [
    triple(pooling?.skippedBefore ?? [], 0),
    triple(pooling?.skippedAfter ?? [], 0),
  ];
  const before = each((a) => zeros[a] + skipped[a]);
  const out = each((a) =>
    windowCount(
      conv[a] + zeros[a] + zerosAfter[a],
      skipped[a],
      skippedAfter[a],
      window[a],
      steps[a],
      pooling?.roundUp === true,
    ),
  );
  if ([...conv, ...out].some((length) => length < 1)) {
    throw new VoxplainError(
      "mismatch",
      "the image is smaller than the windows of the network's first blocks",
      {
        found: dims.join("×"),
      },
    );
  }
  return {
    channels: block.inputChannels,
    outputs: block.outputChannels,
    input,
    kernel,
    strides,
    pads,
    conv,
    pooling: pooling?.kind ?? "none",
    window,
    steps,
    before,
    zeros,
    zerosAfter,
    out,
  };
}

export const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
