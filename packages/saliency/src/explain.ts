import { elementAt, elementCount, type Tensor, tensor } from "@voxplain/core";
import type {
  Attribution,
  AttributionMethod,
  DeadGradient,
  DifferentiableModel,
  Refinement,
} from "./attribution.ts";
import { type BatchItem, type BatchOptions, inBatches } from "./in-batches.ts";
import { isSmallInput } from "./input-shape.ts";
import { type Prediction, predict } from "./prediction.ts";
import { type MapWarning, warningsOf, whyZero } from "./warnings/map-warning.ts";
import { watchedModel } from "./watched-model.ts";

/** How a sequence of inputs is explained. */
export interface ExplainOptions<Item = unknown> extends BatchOptions<Item> {
  /** What makes the maps. */
  readonly method: AttributionMethod;
  /** The class whose logit is explained, from 0; or that of each input. */
  readonly target: number | ((item: Item) => number);
  /**
   * Returns maps of large inputs in memory of the model, which computes another map there as soon as the next result is asked
   * for: a map must not be read after that. Default: false.
   */
  readonly borrow?: boolean;
}

/** An input with its map and prediction. */
export interface Explained<Item> {
  /** What was given, as it was. */
  readonly item: Item;
  /** [...inputDims], or with one channel where the method has none of its own. */
  readonly map: Tensor<"float32">;
  /** The network's prediction for it. */
  readonly prediction: Prediction;
  /** By how much the map misses the difference that it should add up to; of some methods. */
  readonly delta?: number;
  /** What is odd about the map or the logits; empty for most. */
  readonly warnings: readonly MapWarning[];
  /** How many passes the map took; of methods that refine it until a tolerance is reached. */
  readonly refinement?: Refinement;
}

/**
 * Explains inputs one after the other, in their order. While the runtime computes one batch the next is read and
 * queued; no more than these two are in memory. With a model's `concurrentRuns` there are as many at once, and
 * as many again as 2²² values hold, eight for each run at most: most images' patches, so that
 * nothing waits while their maps are put together.
 * @throws VoxplainError `mismatch` naming the input whose shape the network does not take; `not-finite` naming the
 * input whose logits are NaN or infinite, and where that begins; the signal's reason after an abort.
 */
export async function* explain<Item extends BatchItem>(
  given: DifferentiableModel,
  items: AsyncIterable<Item> | Iterable<Item>,
  options: ExplainOptions<Item>,
): AsyncGenerator<Explained<Item>> {
  const { method, target } = options;
  // Small inputs share batches.
  const lendsMaps = options.borrow === true && !isSmallInput(given.inputDims);
  const model = watchedModel(lendsMaps ? { ...given, lendsMaps } : given, options);
  const targetOf = typeof target === "function" ? target : () => target;
  const reasons = new Map<number, ReturnType<typeof whyZero>>();
  const reasonOf = (wanted: number) => {
    const reason = reasons.get(wanted) ?? whyZero(model, wanted);
    reasons.set(wanted, reason);
    return reason;
  };
  const explained = inBatches(model, items, options, {
    together: (a, b) => targetOf(a) === targetOf(b),
    async compute(input, [first, ...others]) {
      const wanted = targetOf(first);
      const attribution = await method(model, input, wanted);
      const { giveBack } = attribution;
      const results = await split([first, ...others], attribution, model, reasonOf(wanted));
      return results.map((result) => ({ result, ...(lendsMaps && giveBack && { giveBack }) }));
    },
  });
  for await (const { result, giveBack } of explained) {
    try {
      yield result;
    } finally {
      giveBack?.();
    }
  }
}

/** Why the map of an input [1, ...inputDims] is zero. */
type Reason = (input: Tensor<"float32">) => Promise<DeadGradient | undefined>;

async function split<Item extends BatchItem>(
  batch: readonly Item[],
  { map: maps, logits, delta: deltas, unexplained, refinement: refinements }: Attribution,
  { classCount, decision, inputDims }: DifferentiableModel,
  reason: Reason,
): Promise<Explained<Item>[]> {
  const dims = maps.dims.slice(1);
  const size = elementCount(dims);
  const all: Explained<Item>[] = [];
  for (const [k, item] of batch.entries()) {
    const map = tensor("float32", dims, maps.data.subarray(k * size, (k + 1) * size));
    const prediction = predict(logits.data.subarray(k * classCount, (k + 1) * classCount), decision);
    const delta = deltas && { delta: elementAt(deltas, k) };
    const refinement = refinements && { refinement: elementAt(refinements, k) };
    const found = {
      map,
      prediction,
      ...delta,
      ...(unexplained && { unexplained: elementAt(unexplained, k) }),
    };
    const input = tensor("float32", [1, ...inputDims], item.input.data);
    const warnings = await warningsOf(found, () => reason(input));
    all.push({ item, map, prediction, ...delta, ...refinement, warnings });
  }
  return all;
}
