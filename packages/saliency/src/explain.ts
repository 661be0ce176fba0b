import { elementCount, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { Attribution, AttributionMethod, DifferentiableModel } from "./attribution.ts";
import { type Prediction, predict } from "./prediction.ts";

/** How a sequence of inputs is explained. */
export interface ExplainOptions {
  /** What makes the maps. */
  readonly method: AttributionMethod;
  /** The class whose logit is explained, from 0. */
  readonly target: number;
  /** Inputs that the network gets at once, where they are small enough for that to help. */
  readonly batchSize: number;
}

/** An input with its map and what the network says of it. */
export interface Explained<Item> {
  /** What was given, as it was. */
  readonly item: Item;
  /** [...inputDims], or with one channel where the method has none of its own. */
  readonly map: Tensor<"float32">;
  /** What the network says of it. */
  readonly prediction: Prediction;
  /** By how much the map misses the difference that it should add up to; of some methods. */
  readonly delta?: number;
}

/**
 * Above this many values an input goes through the network alone: together, two volumes of
 * 169×208×179 take twice the memory and 4 % less time.
 */
const valuesWorthBatching = 2 ** 20;

/** These many values may wait where several runs are computed at once, lest one of them has to wait for an image. */
const valuesAhead = 2 ** 22;

/**
 * Explains inputs one after the other, in their order. While the runtime computes one batch the next is read and
 * queued; no more than these two are in memory. Of a model with `concurrentRuns` there are as many at once, and
 * as many again as 2²² values hold, four for each run at most.
 * @throws VoxplainError `mismatch` naming the input whose shape the network does not take.
 */
export async function* explain<
  Item extends {
    /** [...inputDims] */
    readonly input: Tensor<"float32">;
    /** For messages. */
    readonly name: string;
  },
>(
  model: DifferentiableModel,
  items: AsyncIterable<Item> | Iterable<Item>,
  options: ExplainOptions,
): AsyncGenerator<Explained<Item>> {
  const size = elementCount(model.inputDims) > valuesWorthBatching ? 1 : options.batchSize;
  const inFlight = batchesInFlight(model, size);
  const running: Promise<Explained<Item>[]>[] = [];
  for await (const batch of batches(items, size)) {
    for (const { name, input } of batch) checkShape(name, input, model.inputDims);
    const next = options
      .method(model, stack(batch, model.inputDims), options.target)
      .then((attribution) => split(batch, attribution, model));
    // Should a batch before it fail, nobody waits for this one.
    next.catch(() => {});
    running.push(next);
    if (running.length >= inFlight) yield* (await running.shift()) ?? [];
  }
  for (const batch of running) yield* await batch;
}

function batchesInFlight({ inputDims, concurrentRuns = 1 }: DifferentiableModel, size: number): number {
  if (concurrentRuns === 1) return 2;
  const batchesAhead = Math.floor(valuesAhead / Math.max(1, size * elementCount(inputDims)));
  return concurrentRuns + Math.max(1, Math.min(4 * concurrentRuns, batchesAhead));
}

async function* batches<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  size: number,
): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function stack(
  batch: readonly { readonly input: Tensor<"float32"> }[],
  dims: readonly number[],
): Tensor<"float32"> {
  const [only, ...others] = batch;
  if (only !== undefined && others.length === 0) return tensor("float32", [1, ...dims], only.input.data);
  const size = elementCount(dims);
  const data = new Float32Array(batch.length * size);
  batch.forEach(({ input }, k) => {
    data.set(input.data, k * size);
  });
  return tensor("float32", [batch.length, ...dims], data);
}

function split<Item>(
  batch: readonly Item[],
  { map, logits, delta }: Attribution,
  { classCount }: DifferentiableModel,
): Explained<Item>[] {
  const dims = map.dims.slice(1);
  const size = elementCount(dims);
  return batch.map((item, k) => ({
    item,
    map: tensor("float32", dims, map.data.subarray(k * size, (k + 1) * size)),
    prediction: predict(logits.data.subarray(k * classCount, (k + 1) * classCount)),
    ...(delta && { delta: delta[k]! }),
  }));
}

function checkShape(name: string, { dims }: Tensor<"float32">, expected: readonly number[]): void {
  if (dims.join() === expected.join()) return;
  throw new VoxplainError(
    "mismatch",
    `${name} has the shape [${dims.join(", ")}], but the network takes [${expected.join(", ")}]: ` +
      "is it an image of another preprocessing?",
  );
}
