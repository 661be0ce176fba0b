import type { DifferentiableModel } from "./attribution.ts";
import { type BatchItem, type BatchOptions, inBatches } from "./in-batches.ts";
import { type Prediction, predict } from "./prediction.ts";
import { logitWarnings, type MapWarning } from "./warnings/map-warning.ts";
import { watchedModel } from "./watched-model.ts";

/** An input with its prediction. */
export interface Predicted<Item> {
  /** What was given, as it was. */
  readonly item: Item;
  /** The network's prediction for it. */
  readonly prediction: Prediction;
  /** What is odd about the logits; empty for most. */
  readonly warnings: readonly MapWarning[];
}

/**
 * Predicts inputs one after the other, in their order, by forward passes alone, in batches as `explain`.
 * @throws VoxplainError `mismatch` naming the input whose shape the network does not take; `not-finite` naming the
 * input whose logits are NaN or infinite, and where that begins; the signal's reason after an abort.
 */
export async function* predictEach<Item extends BatchItem>(
  given: DifferentiableModel,
  items: AsyncIterable<Item> | Iterable<Item>,
  options: BatchOptions<Item>,
): AsyncGenerator<Predicted<Item>> {
  const model = watchedModel(given, options);
  const { classCount, decision } = model;
  yield* inBatches(model, items, options, {
    async compute(input, batch) {
      const { data } = await model.forward(input);
      return batch.map((item, k) => {
        const prediction = predict(data.subarray(k * classCount, (k + 1) * classCount), decision);
        return { item, prediction, warnings: logitWarnings(prediction) };
      });
    },
  });
}
