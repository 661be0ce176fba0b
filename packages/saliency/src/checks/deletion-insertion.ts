import {
  channelSum,
  elementAt,
  elementCount,
  orderOfKeys,
  pauses,
  sortKeys,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import type { DifferentiableModel } from "../attribution.ts";
import { type Baseline, baselinesOf, checkBaseline } from "../baseline.ts";
import { type ChunkOptions, checkChunkSize, eachVariant, rowsOf } from "../chunks.ts";
import { randomWords } from "../numerics/random.ts";
import { checkWhole } from "../option-range.ts";
import { exactly, type Passes } from "../passes.ts";
import { type Score, scoreOf } from "../score.ts";
import { type WatchOptions, watchedModel } from "../watched-model.ts";
import type { CheckCurve, CheckResult, CheckRow } from "./check-result.ts";

/** How voxels are ranked and replaced. */
export interface DeletionInsertionOptions extends ChunkOptions, WatchOptions {
  /** Parts in which the voxels are taken away or put back; default 20. */
  readonly steps?: number;
  /** What is there instead of a voxel, in all channels; default "zero". */
  readonly baseline?: Baseline;
  /** Default "probability"; of a network of one output "logit". */
  readonly score?: Score;
  /** Which voxels come first: the largest ("signed", the default) or those farthest from 0. */
  readonly ranking?: "signed" | "absolute";
  /** Random orders that the map is compared with; default 3. */
  readonly randomOrders?: number;
  /** Random seed; default 0. */
  readonly seed?: number;
}

/**
 * How the target's score falls when the voxels that a map shows as most relevant are deleted first, and how it rises
 * when they are inserted first; curves over the fraction of voxels and their areas, means over the inputs. The map's
 * channels are added up. A good map has a small area for deletion and a large one for insertion, next to the random
 * orders'.
 * Petsiuk, Das, Saenko 2018, arXiv:1806.07421.
 * @throws VoxplainError `mismatch` for a map of another grid; `invalid-argument` for an option out of range.
 */
export async function deletionAndInsertion(
  given: DifferentiableModel,
  map: Tensor<"float32">,
  input: Tensor<"float32">,
  target: number,
  options: DeletionInsertionOptions = {},
): Promise<CheckResult> {
  const { baseline = "zero", seed = 0 } = options;
  const { steps, randomOrders } = lengthsOf(options);
  const model = watchedModel(given, options);
  const { score = model.classCount === 1 ? "logit" : "probability" } = options;
  checkWhole("steps", steps, 1);
  checkWhole("randomOrders", randomOrders, 0);
  checkWhole("seed", seed, 0);
  checkBaseline(baseline);
  checkChunkSize(options);
  const spatial = model.inputDims.slice(1);
  const size = elementCount(spatial);
  checkGrid(map, input);
  const inputs = rowsOf(input);
  const baselines = baselinesOf(baseline, inputs, model.inputDims);
  const pause = pauses(model.signal);
  const orders: Int32Array[] = [];
  for (const values of rowsOf(map)) {
    await pause();
    orders.push(mapOrder(values, size, options.ranking ?? "signed"));
  }
  for (let k = 0; k < randomOrders; k++) {
    await pause();
    orders.push(orderOfKeys(randomWords({ seed, sample: k, purpose: "order" }, size)));
  }

  // Points of a curve; curves of an order: deletion, insertion; orders of an input: the map's, the random ones.
  const points = steps + 1;
  const curves = 1 + randomOrders;
  const place = (index: number) => ({
    step: index % points,
    inserts: Math.floor(index / points) % 2 === 1,
    curve: Math.floor(index / (2 * points)) % curves,
    n: Math.floor(index / (2 * points * curves)),
  });
  const sums = Array.from({ length: curves * 2 }, () => new Float64Array(points));
  await eachVariant({
    ...options,
    count: inputs.length * curves * 2 * points,
    dims: model.inputDims,
    write: (index, into) => {
      const { step, inserts, curve, n } = place(index);
      const order = elementAt(orders, curve === 0 ? n : inputs.length + curve - 1);
      const [image, hidden] = [elementAt(inputs, n), elementAt(baselines, n)];
      const [from, to] = inserts ? [hidden, image] : [image, hidden];
      into.set(from);
      replaceVoxels(into, to, order.subarray(0, Math.round((step * size) / steps)), size);
    },
    compute: (batch) => model.forward(batch),
    read: (logits, row, index) => {
      const { step, inserts, curve } = place(index);
      const sum = elementAt(sums, 2 * curve + (inserts ? 1 : 0));
      sum[step] = elementAt(sum, step) + scoreOf(logits, row, target, score, model.decision) / inputs.length;
    },
  });
  return resultOf(sums, steps);
}

/** How many inputs {@link deletionAndInsertion} takes through the network for each input. */
export function deletionAndInsertionPasses(options: DeletionInsertionOptions = {}): Passes {
  const { steps, randomOrders } = lengthsOf(options);
  return exactly((1 + randomOrders) * 2 * (steps + 1));
}

function lengthsOf({ steps = 20, randomOrders = 3 }: DeletionInsertionOptions) {
  return { steps, randomOrders };
}

function checkGrid(map: Tensor<"float32">, input: Tensor<"float32">): void {
  const grid = ({ dims }: Tensor<"float32">) => [dims[0], ...dims.slice(2)].join();
  if (grid(map) === grid(input)) return;
  throw new VoxplainError("mismatch", "the map does not fit the input", {
    expected: `[${input.dims.join(", ")}], or one channel`,
    found: `[${map.dims.join(", ")}]`,
  });
}

/** Voxels from the most relevant on. */
function mapOrder(map: Float32Array, size: number, ranking: "signed" | "absolute"): Int32Array {
  const relevance = channelSum(tensor("float32", [map.length / size, size], map)).data;
  const ranked = ranking === "absolute" ? relevance.map(Math.abs) : relevance;
  return orderOfKeys(sortKeys(ranked).map((key) => ~key));
}

function replaceVoxels(into: Float32Array, by: Float32Array, voxels: Int32Array, size: number): void {
  for (let channel = 0; channel < into.length; channel += size) {
    for (let k = 0; k < voxels.length; k++) {
      const place = channel + voxels[k]!;
      into[place] = by[place]!;
    }
  }
}

function resultOf(sums: readonly Float64Array[], steps: number): CheckResult {
  const x = Array.from({ length: steps + 1 }, (_, step) => step / steps);
  const rows: CheckRow[] = [];
  const curves: CheckCurve[] = [];
  for (const [offset, check] of ["deletion", "insertion"].entries()) {
    const [map = [], ...random] = sums.filter((_, k) => k % 2 === offset).map((sum) => [...sum]);
    const series = [
      ["map", map],
      ...(random.length === 0 ? [] : [["random", meanOf(random)] as const]),
    ] as const;
    for (const [name, y] of series) {
      curves.push({ check, series: name, x, y });
      rows.push({ check, quantity: "area", parameter: name, value: area(y) });
    }
  }
  return { rows, curves };
}

function meanOf(curves: readonly (readonly number[])[]): number[] {
  const [first = []] = curves;
  return first.map((_, k) => curves.reduce((sum, curve) => sum + elementAt(curve, k), 0) / curves.length);
}

/** By trapezoids, over x from 0 to 1. */
function area(y: readonly number[]): number {
  const inner = y.slice(1, -1).reduce((sum, value) => sum + value, 0);
  const ends = elementAt(y, 0) + elementAt(y, y.length - 1);
  return (inner + ends / 2) / (y.length - 1);
}
