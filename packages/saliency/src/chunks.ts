import { elementAt, elementCount, type Tensor, tensor } from "@voxplain/core";
import type { DifferentiableModel } from "./attribution.ts";
import { valuesAtOnce } from "./input-shape.ts";
import { checkWhole } from "./option-range.ts";

/** How much goes through the network at once. */
export interface ChunkOptions {
  /**
   * Inputs that go through the network at once; default: as many as have 2²⁰ values together, at least 1 and
   * at most 32. The memory grows with it; the result depends on it as far as the runtime's kernels round
   * differently for batches of other lengths.
   */
  readonly chunkSize?: number | undefined;
}

/** The chunk size in a table of options. */
export const chunkSizeOption = {
  chunkSize: {
    kind: "integer",
    otherwise: "by the image's size",
    doc: "inputs that go through the network at once; the memory grows with it, the result changes by rounding only",
  },
} as const;

/** Inputs that are made, computed and forgotten again. */
interface Variants<Result extends object> extends ChunkOptions {
  readonly count: number;
  /** Shape of one of them. */
  readonly dims: readonly number[];
  /** Fills in every value of one of them. */
  write(index: number, into: Float32Array): void | Promise<void>;
  /** What is asked of some of them together: [n, ...dims]. */
  compute(batch: Tensor<"float32">): Promise<Result>;
  /** Gets the results one by one, in order; they may be used no more when it returns. */
  read(result: Result, row: number, index: number): void;
  /** Lends memory for an input, and takes it back. */
  readonly lender?: Lender;
}

/** Whose memory is used again from input to input, where one goes through the network at a time. */
export interface Lender {
  borrow(): Tensor<"float32"> | undefined;
  giveBack(input: Tensor<"float32">): void;
}

/** The memory of a model for inputs of one of its passes. */
export function lenderOf(model: DifferentiableModel, pass: "forward" | "gradient"): Lender {
  return {
    borrow: () => model.borrowInput?.(pass),
    giveBack: (input) => model.giveBackInput?.(input),
  };
}

/** While the network computes one chunk the next is made; no more than these two are in memory. */
export async function eachVariant<Result extends object>(variants: Variants<Result>): Promise<void> {
  const { count, dims, lender } = variants;
  const size = elementCount(dims);
  const atOnce = Math.min(count, chunkSizeOf(variants, size));
  const lent = new Set<Tensor<"float32">>();
  const giveBack = (input: Tensor<"float32"> | undefined) => {
    if (input && lent.delete(input)) lender?.giveBack(input);
  };
  const read = async (first: number, rows: number, running: Promise<Result>) => {
    const result = await running;
    for (let row = 0; row < rows; row++) variants.read(result, row, first + row);
    giveBackResult(result);
  };
  const unread = new Set<Promise<Result>>();
  let pending: (() => Promise<void>) | undefined;
  try {
    for (let first = 0; first < count; first += atOnce) {
      const rows = Math.min(atOnce, count - first);
      const place = rows === 1 ? lender?.borrow() : undefined;
      if (place) lent.add(place);
      const data = place?.data ?? new Float32Array(rows * size);
      for (let row = 0; row < rows; row++) {
        await variants.write(first + row, data.subarray(row * size, (row + 1) * size));
      }
      const running = variants.compute(tensor("float32", [rows, ...dims], data));
      unread.add(running);
      // Avoid an unhandled rejection when an earlier chunk fails.
      running.catch(() => {});
      await pending?.();
      pending = async () => {
        await read(first, rows, running);
        unread.delete(running);
        giveBack(place);
      };
    }
    await pending?.();
  } finally {
    for (const running of unread) running.then(giveBackResult, () => {});
    for (const place of lent) giveBack(place);
  }
}

/** Returns the memory of a result to the model, if it is the model's. */
function giveBackResult(result: object): void {
  if ("giveBack" in result && typeof result.giveBack === "function") result.giveBack();
}

/** @throws VoxplainError `invalid-argument` when it is no whole number of at least 1. */
export function checkChunkSize({ chunkSize }: ChunkOptions): void {
  if (chunkSize !== undefined) checkWhole("chunkSize", chunkSize, 1);
}

function chunkSizeOf({ chunkSize }: ChunkOptions, size: number): number {
  return chunkSize ?? Math.min(32, Math.max(1, Math.floor(valuesAtOnce / size)));
}

/**
 * Logits [N, classes] of inputs stored one after the other, by `compute`: the network's forward pass unless an
 * open session computes the logits too, because another session takes memory of its own.
 */
export async function logitsInChunks(
  { classCount, inputDims, forward }: DifferentiableModel,
  inputs: readonly Float32Array[],
  options: ChunkOptions,
  compute: (batch: Tensor<"float32">) => Promise<Tensor<"float32">> = forward,
): Promise<Tensor<"float32">> {
  const logits = new Float32Array(inputs.length * classCount);
  if (chunkSizeOf(options, elementCount(inputDims)) === 1) {
    // Nothing has to be put together.
    for (const [index, values] of inputs.entries()) {
      const { data } = await compute(tensor("float32", [1, ...inputDims], values));
      logits.set(data, index * classCount);
    }
    return tensor("float32", [inputs.length, classCount], logits);
  }
  await eachVariant({
    ...options,
    count: inputs.length,
    dims: inputDims,
    write: (index, into) => into.set(elementAt(inputs, index)),
    compute,
    read: (result, row, index) => {
      logits.set(result.data.subarray(row * classCount, (row + 1) * classCount), index * classCount);
    },
  });
  return tensor("float32", [inputs.length, classCount], logits);
}

/** The N inputs of a batch [N, ...dims] as views. */
export function rowsOf({ data, dims }: Tensor<"float32">): Float32Array[] {
  const [count = 0] = dims;
  const size = data.length / Math.max(count, 1);
  return Array.from({ length: count }, (_, row) => data.subarray(row * size, (row + 1) * size));
}
